// A data source for Prometheus: its HTTP answers as the frames that Grafana's own data source makes of them.
import {
  DataFrame, DataSourceApi, DataSourceInstanceSettings, DataTopic, FieldType, LoadingState, PluginType, TimeRange, rangeUtil, toDataFrame,
} from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import { from } from 'rxjs';

interface Series {
  metric: Record<string, string>;
  value?: [number, string];
  values?: Array<[number, string]>;
}

const MOST_POINTS = 11_000;

export const settings = {
  uid: 'prometheus', id: 1, name: 'Prometheus', type: 'prometheus', isDefault: true, access: 'proxy', readOnly: true, jsonData: {},
  meta: { id: 'prometheus', name: 'Prometheus', type: PluginType.datasource, module: '', baseUrl: '', info: { logos: { small: '', large: '' } } },
} as unknown as DataSourceInstanceSettings;

// Grafana writes several chosen values as (a|b) and escapes them for a regular expression; one alone stands as it is.
const written = (value: any, variable?: any): string => {
  const several = Array.isArray(value) ? value : [value];
  if (!variable?.multi && !variable?.includeAll) {
    return String(value);
  }
  const escaped = several.map((one) => (String(one).match(/^\.[+*]$/) ? one : String(one).replace(/[\\^$*+?.()|[\]{}]/g, '\\\\$&')));
  return escaped.length === 1 ? escaped[0] : `(${escaped.join('|')})`;
};

const seconds = (duration: string) => rangeUtil.intervalToSeconds(duration);
const number = (text: string) => (text.endsWith('Inf') ? (text.startsWith('-') ? -Infinity : Infinity) : parseFloat(text));
const points = (series: Series) => series.values ?? [series.value!];

export class Prometheus extends DataSourceApi<any> {
  constructor(private readonly url: string, private readonly scrape: number) {
    super(settings);
    this.meta = settings.meta;
  }

  query(request: any): any {
    const answers = Promise.all(request.targets.map((target: any) => this.frames(target, request)));
    return from(
      answers.then(
        (frames) => ({ data: frames.flat(), state: LoadingState.Done, key: request.requestId }),
        (error) => ({ data: [], state: LoadingState.Error, errors: [{ message: String(error) }] })
      )
    );
  }

  async metricFindQuery(query: any, options?: any) {
    const asked = getTemplateSrv().replace(query.query ?? query, options?.scopedVars, written);
    const [, selector, label] = asked.match(/^label_values\((.+), (\w+)\)$/)!;
    const { from: start, to: end } = options.range as TimeRange;
    const moments = { start: String(start.valueOf() / 1000), end: String(end.valueOf() / 1000) };
    const values = await this.get(`label/${label}/values`, { 'match[]': selector, ...moments });
    return values.map((text: string) => ({ text }));
  }

  async testDatasource() {
    return { status: 'success', message: '' };
  }

  /** Samples above zero at most one step apart are one region, as in Grafana's annotations of Prometheus. */
  async regions(band: any, range: TimeRange): Promise<DataFrame> {
    const step = Math.max(seconds(band.step), (range.to.valueOf() - range.from.valueOf()) / 1000 / MOST_POINTS);
    const answer = await this.get('query_range', { query: this.filled(band.expr, {}), ...aligned(range, step) });
    const found: any[] = [];
    for (const series of answer.result as Series[]) {
      const text = (format: string) => format.replace(/{{(\w+)}}/g, (_, name) => series.metric[name] ?? '');
      let open: any;
      for (const [moment, value] of points(series)) {
        const time = moment * 1000;
        if (number(value) > 0 && open && time - open.timeEnd <= step * 1000) {
          open.timeEnd = time;
        } else if (number(value) > 0) {
          open = { time, timeEnd: time, title: text(band.titleFormat), text: text(band.textFormat), color: band.iconColor };
          found.push(open);
        }
      }
    }
    const frame = toDataFrame(found);
    frame.meta = { dataTopic: DataTopic.Annotations };
    return frame;
  }

  private filled(expression: string, own: Record<string, any>) {
    return getTemplateSrv().replace(expression, own, written);
  }

  private async get(path: string, parameters: Record<string, string>) {
    const response = await fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const body = await response.json();
    if (body.status !== 'success') {
      throw new Error(`${parameters.query ?? path}: ${body.error}`);
    }
    return body.data;
  }

  private async frames(target: any, request: any): Promise<DataFrame[]> {
    const span = (request.range.to.valueOf() - request.range.from.valueOf()) / 1000;
    const scrape = target.interval ? seconds(target.interval) : this.scrape;
    const fits = rangeUtil.roundInterval((span * 1000) / request.maxDataPoints) / 1000;
    const step = Math.max(target.interval ? scrape : request.intervalMs / 1000, fits, span / MOST_POINTS);
    const expression = this.filled(target.expr, {
      ...request.scopedVars,
      __interval: { value: `${step}s` },
      __rate_interval: { value: `${Math.max(step + scrape, 4 * scrape)}s` },
      __range: { value: `${Math.round(span)}s` },
    });
    const answer = target.instant
      ? await this.get('query', { query: expression, time: String(request.range.to.valueOf() / 1000) })
      : await this.get('query_range', { query: expression, ...aligned(request.range, step) });
    if (target.format === 'table') {
      return [asTable(answer.result, target.refId, request.targets.length > 1)];
    }
    return target.format === 'heatmap' ? [asHeatmap(answer.result, target.refId)] : asLines(answer.result, target, step);
  }
}

function aligned(range: TimeRange, step: number) {
  const whole = (moment: number) => String(Math.floor(moment / 1000 / step) * step);
  return { start: whole(range.from.valueOf()), end: whole(range.to.valueOf()), step: String(step) };
}

function asTable(result: Series[], refId: string, among: boolean): DataFrame {
  const names = [...new Set(result.flatMap((series) => Object.keys(series.metric)))].filter((name) => name !== '__name__').sort();
  return toDataFrame({
    refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: result.map((series) => points(series)[0][0] * 1000) },
      ...names.map((name) => ({ name, type: FieldType.string, values: result.map((series) => series.metric[name] ?? '') })),
      { name: among ? `Value #${refId}` : 'Value', type: FieldType.number, values: result.map((series) => number(points(series)[0][1])) },
    ],
  });
}

function asLines(result: Series[], target: any, step: number): DataFrame[] {
  return result.map(({ metric, ...series }) => {
    const { __name__, ...labels } = metric;
    const legend = target.legendFormat.replace(/{{(\w+)}}/g, (_: string, name: string) => labels[name] ?? '').trim();
    const samples = points({ metric, ...series });
    return toDataFrame({
      refId: target.refId,
      fields: [
        { name: 'Time', type: FieldType.time, values: samples.map(([moment]) => moment * 1000), config: { interval: step * 1000 } },
        { name: 'Value', type: FieldType.number, labels, values: samples.map(([, value]) => number(value)), config: { displayNameFromDS: legend || 'Value' } },
      ],
    });
  });
}

/** Cumulative buckets become rows of their own counts. */
function asHeatmap(result: Series[], refId: string): DataFrame {
  const sorted = [...result].sort((one, other) => number(one.metric.le) - number(other.metric.le));
  const times = [...new Set(sorted.flatMap((series) => points(series).map(([moment]) => moment * 1000)))].sort((a, b) => a - b);
  let below = times.map(() => 0);
  const rows = sorted.map((series) => {
    const at = new Map(points(series).map(([moment, value]) => [moment * 1000, number(value)]));
    const total = times.map((time, place) => at.get(time) ?? below[place]);
    const own = total.map((value, place) => Math.max(0, value - below[place]));
    below = total;
    return { name: series.metric.le, type: FieldType.number, values: own };
  });
  return toDataFrame({ refId, fields: [{ name: 'Time', type: FieldType.time, values: times }, ...rows] });
}
