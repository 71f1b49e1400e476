// The kinds of panels. Their plugins are not on npm, only the components that they are made of: these are drawn here with
// Grafana's own components, and the two without a component (state timeline, heatmap) in plot.tsx as near as can be.
import React, { useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import {
  DataFrame, FieldType, PanelPlugin, PanelProps, PluginType, VizOrientation, cacheFieldDisplayNames, getDisplayValueAlignmentFactors, getFieldDisplayValues,
} from '@grafana/data';
import { BarGauge, BigValue, TimeSeries, UPlotConfigBuilder, VizRepeater, useTheme2 } from '@grafana/ui';
import type uPlot from 'uplot';
import { TableNG } from '@grafana/ui/unstable';
import { Heatmap, StateTimeline } from './plot';

const EVERY_LINE = {
  drawStyle: 'line', lineInterpolation: 'linear', lineWidth: 1, fillOpacity: 0, gradientMode: 'none', showPoints: 'auto', pointSize: 5,
  barAlignment: 0, barWidthFactor: 0.6, axisPlacement: 'auto', axisLabel: '', axisColorMode: 'text', axisCenteredZero: false,
  axisBorderShow: false, scaleDistribution: { type: 'linear' }, stacking: { mode: 'none', group: 'A' }, thresholdsStyle: { mode: 'off' },
  hideFrom: { legend: false, tooltip: false, viz: false }, spanNulls: false, insertNulls: false, lineStyle: undefined, axisSoftMin: undefined, axisSoftMax: undefined,
};
const EVERY_CELL = { align: 'auto', cellOptions: { type: 'auto' }, inspect: false, width: undefined, wrapText: false };

/** What the plugins fill in where a board is silent. */
const DEFAULTS: Record<string, { color: string; custom: Record<string, unknown> }> = {
  timeseries: { color: 'palette-classic', custom: EVERY_LINE },
  'state-timeline': { color: 'thresholds', custom: { fillOpacity: 70, lineWidth: 0 } },
  stat: { color: 'thresholds', custom: {} },
  bargauge: { color: 'thresholds', custom: {} },
  table: { color: 'thresholds', custom: EVERY_CELL },
  heatmap: { color: 'thresholds', custom: {} },
};

const Empty = ({ width, height, text }: { width: number; height: number; text: string }) => (
  <div data-empty style={{ width, height, display: 'flex', alignItems: 'center', justifyContent: 'center', textAlign: 'center', opacity: 0.7 }}>{text}</div>
);

/** Annotations as Grafana draws them: a tint over the region, a bar at its foot. They may come later than the plot. */
function Bands({ config, annotations }: { config: UPlotConfigBuilder; annotations: DataFrame[] }) {
  const latest = useRef(annotations);
  const drawn = useRef<uPlot>();
  latest.current = annotations;
  useLayoutEffect(() => {
    config.addHook('init', (plot) => {
      drawn.current = plot;
    });
    config.addHook('draw', (plot) => latest.current.forEach((frame) => tint(plot, frame)));
  }, [config]);
  useEffect(() => drawn.current?.redraw(), [annotations]);
  return null;
}

function tint({ ctx, bbox, valToPos }: uPlot, frame: DataFrame) {
  const value = (name: string, row: number) => frame.fields.find((field) => field.name === name)?.values[row];
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (let row = 0; row < frame.length; row++) {
    const [left, right] = ['time', 'timeEnd'].map((name) => valToPos(value(name, row), 'x', true));
    ctx.fillStyle = value('color', row);
    ctx.globalAlpha = 0.1;
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.globalAlpha = 0.9;
    ctx.fillRect(left, bbox.top + bbox.height - 4, Math.max(2, right - left), 4);
  }
  ctx.restore();
}

function Graph({ data, width, height, timeRange, options }: PanelProps<any>) {
  const theme = useTheme2();
  // What is not finite is a gap, as in the panel.
  const frames = useMemo(() => data.series.map((frame) => ({ ...frame, fields: frame.fields.map(finite) })), [data.series]);
  return (
    <TimeSeries frames={frames} width={width} height={height} timeRange={timeRange} timeZone="utc" theme={theme} structureRev={1} legend={options.legend} options={options}>
      {(config: UPlotConfigBuilder) => <Bands config={config} annotations={data.annotations ?? []} />}
    </TimeSeries>
  );
}

function finite(field: any) {
  return field.type === FieldType.number ? { ...field, values: field.values.map((value: number) => (Number.isFinite(value) ? value : null)) } : field;
}

function displays({ data, fieldConfig, options, replaceVariables }: PanelProps<any>, theme: any) {
  return getFieldDisplayValues({ fieldConfig, reduceOptions: options.reduceOptions, replaceVariables, theme, data: data.series, timeZone: 'utc' });
}

const orientation = (name: string) => ({ horizontal: VizOrientation.Horizontal, vertical: VizOrientation.Vertical })[name] ?? VizOrientation.Auto;

function Stat(props: PanelProps<any>) {
  const { options, width, height, data } = props;
  const theme = useTheme2();
  return (
    <VizRepeater getValues={() => displays(props, theme)} width={width} height={height} source={data} renderCounter={1} autoGrid itemSpacing={3}
      orientation={orientation(options.orientation)} getAlignmentFactors={(values: any) => getDisplayValueAlignmentFactors(values)}
      renderValue={({ value, width, height, alignmentFactors, count }: any) => (
        <BigValue value={value.display} width={width} height={height} theme={theme} colorMode={options.colorMode} graphMode={options.graphMode}
          justifyMode={options.justifyMode} textMode={options.textMode} alignmentFactors={alignmentFactors} count={count} text={options.text} wideLayout={options.wideLayout} />
      )} />
  );
}

function Bars(props: PanelProps<any>) {
  const { options, width, height, data } = props;
  const theme = useTheme2();
  return (
    <VizRepeater getValues={() => displays(props, theme)} width={width} height={height} source={data} renderCounter={1} itemSpacing={8}
      minVizHeight={options.minVizHeight} maxVizHeight={options.maxVizHeight} minVizWidth={8} orientation={orientation(options.orientation)}
      getAlignmentFactors={(values: any) => getDisplayValueAlignmentFactors(values)}
      renderValue={({ value, width, height, orientation, alignmentFactors }: any) => (
        <BarGauge value={value.display} field={value.field} width={width} height={height} orientation={orientation} theme={theme} alignmentFactors={alignmentFactors}
          display={value.view?.getFieldDisplayProcessor(value.colIndex)} displayMode={options.displayMode} showUnfilled={options.showUnfilled} namePlacement={options.namePlacement} valueDisplayMode={options.valueMode} />
      )} />
  );
}

function Table({ data, width, height, options, fieldConfig, timeRange }: PanelProps<any>) {
  const more = { frameIndex: 0, getActions: () => [] } as any;
  return (
    <TableNG data={data.series[0]} width={width} height={height} fieldConfig={fieldConfig} timeRange={timeRange} structureRev={1} resizable
      noHeader={!options.showHeader} cellHeight={options.cellHeight} initialSortBy={options.sortBy} {...more} />
  );
}

const COMPONENTS: Record<string, React.ComponentType<PanelProps<any>>> = {
  timeseries: Graph, stat: Stat, bargauge: Bars, table: Table, 'state-timeline': StateTimeline, heatmap: Heatmap,
};

/** A panel plugin of that kind; where there is nothing to draw it says what the board says for that. */
function plugin(kind: string): PanelPlugin {
  const Component = COMPONENTS[kind];
  const { color, custom } = DEFAULTS[kind];
  const made = new PanelPlugin<any>((props: PanelProps<any>) => {
    cacheFieldDisplayNames(props.data.series);
    const some = props.data.series.some((frame) => frame.length && frame.fields.some((field) => field.type !== FieldType.time));
    const text = props.fieldConfig.defaults.noValue ?? 'No data';
    return some ? <Component {...props} /> : <Empty width={props.width} height={props.height} text={text} />;
  });
  made.useFieldConfig({
    standardOptions: { color: { settings: {}, defaultValue: { mode: color } } } as any,
    useCustomConfig: (builder: any) => {
      for (const [id, defaultValue] of Object.entries(custom)) {
        builder.addCustomEditor({
          id, path: id, name: id, defaultValue, editor: () => null, override: () => null, process: (value: unknown) => value, shouldApply: () => true,
        });
      }
    },
  });
  made.setDataSupport({ annotations: true });
  made.meta = { id: kind, name: kind, type: PluginType.panel, info: {}, module: '', baseUrl: '' } as any;
  return made;
}

export const plugins = () => new Map(Object.keys(COMPONENTS).map((kind) => [kind, plugin(kind)]));
