import type { CaseAlarm, CaseDetail, CaseSummary, Device, WaitingSignal } from '../src/api/types'

export const NOW = Date.parse('2025-08-07T15:19:00+08:00')

export function at(minutesFromNow: number): string {
  return new Date(NOW + minutesFromNow * 60_000).toISOString()
}

export function summary(given: Partial<CaseSummary> = {}): CaseSummary {
  return {
    case_id: 1,
    case_no: 'ZY-20250807-0001',
    item_key: 'manhole_cover',
    cond_key: 'broken',
    title_zh: '井盖',
    title_en: 'Manhole cover',
    condition_text_zh: '破损',
    condition_text_en: 'broken',
    severity: 'high',
    state: 'HANDLING',
    version: 3,
    place: { lon: 103.82, lat: 25.6, error_m: 5 },
    asset_id: 'A-0172',
    asset_name_zh: '井盖',
    asset_name_en: 'Manhole cover',
    filed_at: at(-60),
    routed_at: at(-59),
    due_at: at(600),
    overdue: false,
    calendar_assumed: false,
    lead_unit: 'housing_bureau',
    lead_unit_name_zh: '住房和城乡建设局',
    lead_unit_name_en: 'Housing and Construction Bureau',
    territory_unit: 'village_001',
    territory_name_zh: '羊泉社区',
    territory_name_en: 'Yangquan Community',
    signal_count: 2,
    cover_evidence: null,
    doubted: false,
    void_asked_by: null,
    void_asked_by_name: null,
    alarm: null,
    ...given,
  }
}

export function detail(given: Partial<CaseDetail> = {}): CaseDetail {
  return {
    ...summary(),
    why: [],
    filed_by: 'system:signals',
    occurred_at: at(-60),
    last_seen_at: at(-60),
    assist_units: [],
    signed_at: null,
    feedback_at: null,
    closed_at: null,
    catalogue_version: 1,
    text: '',
    suspended_until: null,
    extensions: 0,
    bounces: 0,
    rework: 0,
    person: null,
    plan: null,
    merged_into: null,
    recurrence_of: null,
    signals: [],
    evidence: [],
    commands: [],
    videos: [],
    allowed: [],
    timeline: [],
    ...given,
  }
}

export function terminal(given: Partial<Device> = {}): Device {
  return {
    device_id: 'T-0001',
    kind: 'terminals',
    name_zh: '终端 0001',
    name_en: 'Terminal 0001',
    unit_key: 'village_001',
    unit_name_zh: '羊泉社区',
    unit_name_en: 'Yangquan Community',
    holder: '网格员 0001',
    holder_reported: null,
    capabilities: ['video'],
    presence: 'online',
    last_seen_at: at(0),
    position: { lon: 103.82, lat: 25.6, accuracy_m: 8, heading: 90, speed: 1.2, observed_at: at(0) },
    battery: 80,
    coverage_m: null,
    heading_deg: null,
    firmware: '1.0.0',
    cameras: [],
    gb28181_id: null,
    clock: 'right',
    clock_skew_s: 0,
    clock_measured_at: null,
    config_sync: null,
    model_sync: null,
    ...given,
  }
}

export function waitingSignal(given: Partial<WaitingSignal> = {}): WaitingSignal {
  return {
    signal_id: 1,
    source: 'terminal',
    device_id: 'T-0001',
    type: 'report',
    label: 'loose_lid',
    score: null,
    observed_at: at(-5),
    received_at: at(-5),
    place: { lon: 103.82, lat: 25.6, error_m: 8 },
    evidence: [],
    boxes: [],
    text: '井盖松动',
    doubted_at: null,
    photo_checks: [],
    state: 'new',
    reason: 'unknown_category',
    why: ['unknown_category'],
    item_key: null,
    cond_key: null,
    title_zh: null,
    title_en: null,
    condition_text_zh: null,
    condition_text_en: null,
    hits: null,
    device_name_zh: '终端 0001',
    device_name_en: 'Terminal 0001',
    holder: '网格员 0001',
    cleared_at: null,
    stamped_at: null,
    case_id: null,
    case_no: null,
    photos: [],
    severity: null,
    snoozed_until: null,
    would: null,
    reporter: null,
    ...given,
  }
}

export function alarm(given: Partial<CaseAlarm> = {}): CaseAlarm {
  return {
    type: 'sos',
    device_id: 'T-0001',
    holder: '网格员 0001',
    raised_at: at(0),
    times: 1,
    place_source: 'reported',
    place_age_s: 0,
    acknowledged_at: null,
    acknowledged_by: null,
    ...given,
  }
}
