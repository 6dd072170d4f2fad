import type { EChartsCoreOption } from 'echarts/core'

export interface Bar {
  name: string
  /** Null where a rate has no denominator. */
  value: number | null
  text: string
}

const INK = '#9fb0bf'
const LINE = '#26323e'
const ACCENT = '#5aa9e6'

const base = (bars: readonly Bar[]): EChartsCoreOption => ({
  animation: false,
  textStyle: { fontFamily: 'inherit' },
  tooltip: {
    trigger: 'axis',
    backgroundColor: '#1a242e',
    borderColor: LINE,
    textStyle: { color: '#dbe4ec', fontSize: 12 },
    formatter: (points: { dataIndex: number }[]) => {
      const bar = bars[points[0]?.dataIndex ?? -1]
      return bar ? `${escaped(bar.name)}<br><b>${escaped(bar.text)}</b>` : ''
    },
  },
})

/** Rates are shown from 0 to 100 %, so that a single bar tells as much as many. */
const values = (percent: boolean) => ({
  type: 'value',
  ...(percent ? { min: 0, max: (shown: { max: number }) => Math.max(100, Math.ceil(shown.max)) } : {}),
  axisLabel: { color: INK, formatter: percent ? '{value}%' : '{value}' },
  splitLine: { lineStyle: { color: LINE } },
})

/** A line over the parts of a period; a rate of nothing leaves a gap. */
export function trendChart(bars: readonly Bar[], percent: boolean): EChartsCoreOption {
  return {
    ...base(bars),
    grid: { left: 52, right: 18, top: 14, bottom: 26 },
    xAxis: { type: 'category', data: bars.map((bar) => bar.name), axisLabel: { color: INK }, axisLine: { lineStyle: { color: LINE } } },
    yAxis: values(percent),
    series: [
      {
        type: 'line',
        data: bars.map((bar) => bar.value),
        itemStyle: { color: ACCENT },
        symbolSize: 7,
        areaStyle: { opacity: 0.08 },
      },
    ],
  }
}

/** Bars from the first to the last, the first on top. */
export function rankingChart(bars: readonly Bar[], percent: boolean): EChartsCoreOption {
  return {
    ...base(bars),
    grid: { left: 132, right: 118, top: 8, bottom: 26 },
    xAxis: values(percent),
    yAxis: {
      type: 'category',
      inverse: true,
      data: bars.map((bar) => bar.name),
      axisLabel: { color: INK, width: 118, overflow: 'truncate' },
      axisLine: { lineStyle: { color: LINE } },
    },
    series: [
      {
        type: 'bar',
        barMaxWidth: 16,
        itemStyle: { color: ACCENT },
        label: { show: true, position: 'right', color: '#dbe4ec', formatter: (point: { dataIndex: number }) => bars[point.dataIndex]?.text ?? '' },
        data: bars.map((bar) => bar.value ?? 0),
      },
    ],
  }
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? '')
}
