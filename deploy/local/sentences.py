"""The demo's sentence for each event, in Chinese and in English.

A sentence is found under `event.state`, or under `event` alone; it uses the fields of the event.
Codes are put into words first.
"""

from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum


class Language(StrEnum):
    """The language of the demo."""

    ZH = "zh"
    EN = "en"


_SENTENCES: dict[str, tuple[str, str]] = {
    # Setting up.
    "database_starting": ("正在启动数据库", "Starting the database"),
    "district_preparing": ("正在准备模拟辖区、设备与账号", "Preparing the simulated district"),
    "history_begins": (
        "正在模拟此前 {days} 天的工作，每三十天约需半分钟",
        "Playing the work of the {days} days before; thirty days take about half a minute",
    ),
    "history_day": ("已模拟到 {day}", "Played up to {day}"),
    "broker_starting": ("正在启动消息代理", "Starting the broker"),
    "parts_starting": ("正在启动平台、边缘节点与设备", "Starting hub, edge nodes and devices"),
    "welcome": (
        "用 dispatcher 登录，查看案件并派人处置；用 housing 登录，签收并反馈。",
        "Log in as dispatcher to see the case and send people; as housing to sign and report back.",
    ),
    # The world, terminals and cameras.
    "started.devices": (
        "{terminals} 台终端、{cameras} 个摄像头正在上线",
        "{terminals} terminals and {cameras} cameras are coming online",
    ),
    "scenario_started": ("场景“{scenario}”开始", "The scenario '{scenario}' begins"),
    "scenario_ended": ("场景“{scenario}”结束", "The scenario '{scenario}' is over"),
    "cover_changed": ("井盖 {asset_id} 现在{state}", "Cover {asset_id} is now {state}"),
    "first_frame": ("{device_id} 画面已接入", "{device_id} sends its first frame"),
    "cut_off": ("{device_id} 断线：{reason}", "{device_id} has lost its connection: {reason}"),
    "back": ("{device_id} 恢复在线", "{device_id} is back"),
    "backlog_sent": (
        "{device_id} 补传断线期间的 {samples} 个位置",
        "{device_id} sends {samples} positions recorded while cut off",
    ),
    "walking": (
        "{device_id} 已出发，预计 {takes_s} 秒到达",
        "{device_id} sets out, arriving in {takes_s} s",
    ),
    "arrived": ("{device_id} 已到达现场", "{device_id} has arrived"),
    "photo_sent": ("{device_id} 拍照上传：{shows}", "{device_id} sends a photo: {shows}"),
    "photo_report": ("{device_id} 上报问题并附照片", "{device_id} reports a problem with a photo"),
    "sos": ("{device_id} 一键求助", "{device_id} calls for help"),
    "fall": ("{device_id} 检测到跌倒", "{device_id} has detected a fall"),
    "checkin": ("{device_id} 签到", "{device_id} checks in"),
    "low_battery": ("{device_id} 电量不足", "{device_id} is low on battery"),
    "command_delivered": ("{device_id} 收到指令", "{device_id} has received a command"),
    "command_accepted": ("{device_id} 持机人已接受", "The holder of {device_id} accepts"),
    "command_in_progress": ("{device_id} 开始执行", "{device_id} has begun"),
    "command_succeeded": ("{device_id} 已完成指令", "{device_id} has carried out its command"),
    "command_failed": ("{device_id} 未能完成：{reason}", "{device_id} has failed: {reason}"),
    "command_rejected": ("{device_id} 持机人拒绝：{reason}", "{device_id} declines: {reason}"),
    "command_expired": (
        "{device_id} 收到指令时已过期",
        "{device_id} received the command too late",
    ),
    "guarding": ("{device_id} 在井盖 {asset_id} 旁看守", "{device_id} guards cover {asset_id}"),
    "repaired": ("{device_id} 已修复井盖 {asset_id}", "{device_id} has repaired cover {asset_id}"),
    "video_live": ("{device_id} 正在回传实时视频", "{device_id} is live"),
    "video_failed": (
        "{device_id} 视频回传失败：{reason}",
        "{device_id} can't send video: {reason}",
    ),
    # The edge node.
    "model_loaded": ("已加载模型 {model}", "The model {model} is loaded"),
    "fault_confirmed": (
        "{camera_id} 连续多帧识别到{label}，置信度 {score}",
        "{camera_id} confirms over several frames: {label}, score {score}",
    ),
    "fault_cleared": ("{camera_id} 确认已修复", "{camera_id} sees it repaired"),
    "fault_ended": ("{camera_id} 未再发现该问题", "{camera_id} no longer sees the fault"),
    "camera_lost": ("{camera_id} 画面中断：{reason}", "{camera_id} is lost: {reason}"),
    "camera_back": ("{camera_id} 画面恢复", "{camera_id} is back"),
    # The hub.
    "case_filed": ("立案 {case_no}", "Case {case_no} is filed"),
    "case_moved": ("案件 {case_no}：{state}", "Case {case_no}: {state}"),
    "signal_decided.merged": (
        "又一条线索并入已有案件",
        "Another signal joins the same case",
    ),
    "signal_decided.new": ("一条线索待人工处理", "A signal waits for a person to decide"),
    "signal_decided.verifying": ("一条线索待核实", "A signal is to be verified on site"),
    "command_ran_out": ("一条指令超时：{state}", "A command has timed out: {state}"),
    "logged_in": ("{username} 登录", "{username} has logged in"),
    "login_refused": ("{username} 登录失败", "{username} was refused"),
    "viewer_joined": ("{viewers} 人正在观看实时视频", "The video has {viewers} viewers"),
    "video_ended.api": ("实时视频已结束", "The video session is over"),
}

_WORDS: dict[str, tuple[str, str]] = {
    "good": ("完好", "intact"),
    "broken": ("破损", "broken"),
    "open": ("缺失", "open"),
    "road": ("路面", "the road"),
    "manhole_broken": ("井盖破损", "a broken cover"),
    "manhole_open": ("井盖缺失", "an open manhole"),
    "FILED": ("已立案", "filed"),
    "JOINT_STUDY": ("联合研判", "under joint study"),
    "ROUTED": ("已派遣，待签收", "routed, to be signed"),
    "HANDLING": ("处置中", "being handled"),
    "FEEDBACK": ("已反馈", "reported done"),
    "VERIFYING": ("待核查", "to be verified"),
    "CALLBACK": ("待回访", "awaiting call-back"),
    "CLOSED": ("已结案", "closed"),
    "MERGED": ("已合并", "merged"),
    "VOID": ("已作废", "void"),
    "REOPENED": ("重新立案", "reopened"),
    "expired": ("未按时送达", "not delivered in time"),
    "no_answer": ("无人应答", "not accepted in time"),
    "timed_out": ("未按时完成", "not finished in time"),
    "failed": ("失败", "failed"),
}


def sentence(process: str, event: str, facts: Mapping[str, object], to: Language) -> str | None:
    """The sentence for an event of a process, or None if it has none."""
    for key in (f"{event}.{facts.get('state')}", f"{event}.{process}", event):
        pair = _SENTENCES.get(key)
        if pair is not None:
            words = {name: _in_words(value, to) for name, value in facts.items()}
            return _of(pair, to).format_map(defaultdict(lambda: "–", words))
    return None


def _in_words(value: object, to: Language) -> str:
    pair = _WORDS.get(str(value))
    return str(value) if pair is None else _of(pair, to)


def _of(pair: tuple[str, str], to: Language) -> str:
    return pair[0] if to is Language.ZH else pair[1]
