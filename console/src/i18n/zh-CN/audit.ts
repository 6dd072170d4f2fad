export const audit = {
  kind: { track: '轨迹', positions: '位置查询', photo: '照片', video: '实时视频', contact: '报料人联系方式', export: '导出', audit: '审计' },
}
