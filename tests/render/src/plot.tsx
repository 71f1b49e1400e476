// State timeline and heatmap: Grafana has no component of them outside their plugins. Grafana's axes, plot and legend; our boxes.
import React, { useMemo } from 'react';
import { DataFrame, Field, FieldType, PanelProps, getFieldDisplayName } from '@grafana/data';
import { UPlotChart, UPlotConfigBuilder, VizLayout, VizLegend, useTheme2 } from '@grafana/ui';

type Box = { row: number; from: number; to: number; color: string; opacity: number };

/** Boxes on rows of names over time; row 0 is the topmost. */
function Boxes({ names, boxes, share, timeRange, width, height }: any) {
  const theme = useTheme2();
  const range = [timeRange.from.valueOf(), timeRange.to.valueOf()];
  const config = useMemo(() => {
    const builder = new UPlotConfigBuilder('utc');
    const size = Math.min(width * 0.35, 20 + 6.6 * Math.max(4, ...names.map((name: string) => name.length)));
    const middle = names.map((_: string, row: number) => names.length - row - 0.5);
    builder.addScale({ scaleKey: 'x', isTime: true, orientation: 0, direction: 1, range: () => range } as any);
    builder.addScale({ scaleKey: 'y', isTime: false, orientation: 1, direction: 1, range: () => [0, names.length] } as any);
    builder.addAxis({ scaleKey: 'x', isTime: true, placement: 'bottom', timeZone: 'utc', theme } as any);
    builder.addAxis({ scaleKey: 'y', placement: 'left', theme, size, splits: middle, values: () => names, grid: { show: false }, ticks: { show: false } } as any);
    builder.addSeries({ scaleKey: 'y', theme, lineWidth: 0, showPoints: 'never', drawStyle: 'line', pathBuilder: () => null } as any);
    builder.addHook('draw', (plot) => {
      for (const { row, from, to, color, opacity } of boxes as Box[]) {
        const [left, right] = [from, to].map((moment) => plot.valToPos(Math.min(Math.max(moment, range[0]), range[1]), 'x', true));
        const [top, bottom] = [names.length - row, names.length - row - 1].map((value) => plot.valToPos(value, 'y', true));
        const inset = ((bottom - top) * (1 - share)) / 2;
        plot.ctx.globalAlpha = opacity;
        plot.ctx.fillStyle = color;
        plot.ctx.fillRect(left, top + inset, Math.max(1, right - left), bottom - top - 2 * inset);
      }
      plot.ctx.globalAlpha = 1;
    });
    return builder;
  }, [names, boxes, width, theme]);
  return <UPlotChart config={config} data={[range, [null, null]] as any} width={width} height={height} />;
}

const rowsOf = (series: DataFrame[]) =>
  series.flatMap((frame) => {
    const time = frame.fields.find((field) => field.type === FieldType.time)!;
    return frame.fields.filter((field) => field.type === FieldType.number).map((field) => ({ frame, field, time }));
  });

/** One box for each stretch of samples with the same value and without a gap. */
function stretches(field: Field, time: Field, row: number, opacity: number): Box[] {
  const step = time.config.interval ?? 60_000;
  const found: Array<Box & { value: number }> = [];
  time.values.forEach((moment: number, place: number) => {
    const value = field.values[place];
    const last = found.at(-1);
    const joins = last && moment - last.to <= step / 2;
    if (joins && last.value === value) {
      last.to = moment + step;
    } else {
      found.push({ row, from: moment, to: moment + step, value, opacity, color: field.display!(value).color ?? 'grey' });
    }
  });
  return found;
}

export function StateTimeline({ data, width, height, timeRange, options, fieldConfig }: PanelProps<any>) {
  const all = rowsOf(data.series);
  const shown = all.slice(0, options.perPage);
  const names = shown.map(({ frame, field }) => getFieldDisplayName(field, frame, data.series));
  const opacity = (fieldConfig.defaults.custom?.fillOpacity ?? 70) / 100;
  const boxes = shown.flatMap(({ field, time }, row) => stretches(field, time, row, opacity));
  const items = new Map(
    shown.flatMap(({ field }) => [...new Set(field.values)].map((value) => field.display!(value))).map(({ text, color }) => [text, { label: text, color, yAxis: 1 }])
  );
  const legend = (
    <VizLayout.Legend placement="bottom">
      <VizLegend placement="bottom" displayMode={'list' as any} items={[...items.values()] as any} readonly />
      {all.length > shown.length && <span>page 1 of {Math.ceil(all.length / options.perPage)}</span>}
    </VizLayout.Legend>
  );
  return (
    <VizLayout width={width} height={height} legend={legend}>
      {(inner: number, tall: number) => (
        <>
          <div data-rows={names.join('\n')} />
          <Boxes names={names} boxes={boxes} share={options.rowHeight} timeRange={timeRange} width={inner} height={tall} />
        </>
      )}
    </VizLayout>
  );
}

export function Heatmap({ data, width, height, timeRange }: PanelProps<any>) {
  const theme = useTheme2();
  const [frame] = data.series;
  const rows = frame.fields.slice(1).reverse();
  const times = frame.fields[0].values as number[];
  const step = times.length > 1 ? times[1] - times[0] : 60_000;
  const most = Math.max(...rows.flatMap((row) => row.values));
  const color = theme.isDark ? '#f28e2b' : '#b35806';
  const boxes = rows.flatMap((field, row) =>
    field.values.flatMap((value: number, place: number) =>
      value > 0 ? [{ row, from: times[place] - step, to: times[place], color, opacity: 0.15 + 0.85 * Math.sqrt(value / most) }] : []
    )
  );
  return <Boxes names={rows.map((row) => `≤ ${row.name}`)} boxes={boxes} share={0.94} timeRange={timeRange} width={width} height={height} />;
}
