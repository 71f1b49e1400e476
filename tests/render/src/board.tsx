// A board as a scene of @grafana/scenes: its variables, time range, annotations and panels, from the classic JSON.
import React from 'react';
import { createRoot, Root } from 'react-dom/client';
import { LoadingState, createTheme } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import {
  CustomVariable, DataSourceVariable, EmbeddedScene, QueryVariable, SceneControlsSpacer, SceneDataLayerBase, SceneDataLayerControls, SceneDataLayerSet,
  SceneDataTransformer, SceneGridItem, SceneGridLayout, SceneGridRow, SceneQueryRunner, SceneRefreshPicker, SceneTimePicker, SceneTimeRange,
  SceneVariableSet, VariableValueSelectors, VizPanel, sceneGraph,
} from '@grafana/scenes';
import { GlobalStyles, InlineSwitch, PortalContainer, ThemeContext } from '@grafana/ui';
import { MemoryRouter } from 'react-router-dom';
import { CompatRouter } from 'react-router-dom-v5-compat';
import { fillRegistries, offerPlugins, startServices, useScene } from './grafana';
import { plugins } from './kinds';
import { Prometheus } from './prometheus';

interface Order {
  board: any;
  from: number;
  to: number;
  width: number;
  mode: 'dark' | 'light';
  /** Values of variables that are not to be as the board has them at first. */
  chosen: Record<string, string[]>;
}

class Annotations extends SceneDataLayerBase<any> {
  static Component = ({ model }: { model: Annotations }) => {
    const { isEnabled } = model.useState();
    return <InlineSwitch label={model.band.name} showLabel transparent value={isEnabled} />;
  };

  constructor(readonly band: any) {
    super({ name: band.name, isEnabled: band.enable, isHidden: false }, []);
  }
  onEnable() {
    this.runLayer();
  }
  onDisable() {}
  protected runLayer() {
    const timeRange = sceneGraph.getTimeRange(this).state.value;
    this.querySub = { unsubscribe() {} };
    source.regions(this.band, timeRange).then(
      (frame) => this.publishResults({ state: LoadingState.Done, series: [frame], timeRange }),
      (error) => this.publishResults({ state: LoadingState.Error, series: [], timeRange, errors: [{ message: String(error) }] })
    );
  }
}

function variable(row: any, chosen: string[] | undefined) {
  const common = { name: row.name, label: row.label, hide: row.hide };
  const value = chosen ?? row.current.value;
  if (row.type === 'datasource') {
    return new DataSourceVariable({ ...common, pluginId: row.query, value: 'prometheus', text: 'Prometheus' });
  }
  if (row.type === 'custom') {
    return new CustomVariable({ ...common, query: row.query, value, text: row.current.text });
  }
  return new QueryVariable({
    ...common, datasource: row.datasource, query: row.query, refresh: row.refresh, sort: row.sort, isMulti: row.multi,
    includeAll: row.includeAll, allValue: row.allValue, value, text: chosen ?? row.current.text,
  });
}

function item(panel: any) {
  const { x, y, w: width, h: height } = panel.gridPos;
  if (panel.type === 'row') {
    return new SceneGridRow({ key: `row-${panel.id}`, title: panel.title, y, children: [], isCollapsible: false });
  }
  const runner = new SceneQueryRunner({
    datasource: panel.datasource, queries: panel.targets, maxDataPoints: panel.maxDataPoints, minInterval: panel.interval,
  });
  const $data = panel.transformations ? new SceneDataTransformer({ $data: runner, transformations: panel.transformations }) : runner;
  const body = new VizPanel({
    key: `panel-${panel.id}`, title: panel.title, description: panel.description, pluginId: panel.type, options: panel.options, fieldConfig: panel.fieldConfig, $data,
  });
  return new SceneGridItem({ key: `item-${panel.id}`, x, y, width, height, body });
}

function sceneOf(order: Order) {
  const { board, from, to, chosen } = order;
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), timeZone: 'utc' }),
    $variables: new SceneVariableSet({ variables: board.templating.list.map((row: any) => variable(row, chosen[row.name])) }),
    $data: new SceneDataLayerSet({ name: 'Annotations', layers: board.annotations.list.map((band: any) => new Annotations(band)) }),
    controls: [new VariableValueSelectors({}), new SceneDataLayerControls(), new SceneControlsSpacer(), new SceneTimePicker({}), new SceneRefreshPicker({})],
    body: new SceneGridLayout({ children: board.panels.map(item) }),
  });
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until every query has its answer; gives the titles of panels whose queries failed, with the reason. */
async function settled(scene: EmbeddedScene): Promise<string[]> {
  const panels = sceneGraph.findAllObjects(scene, (object) => object instanceof VizPanel) as VizPanel[];
  const states = () => panels.map((panel) => sceneGraph.getData(panel).state.data);
  for (let patience = 400; states().some((data) => !data || data.state === LoadingState.Loading || data.state === LoadingState.NotStarted); patience--) {
    if (!patience) {
      throw new Error(`no answer yet: ${panels.filter((_, place) => states()[place]?.state !== LoadingState.Done).map((panel) => panel.state.title)}`);
    }
    await pause(50);
  }
  const layers = sceneGraph.findAllObjects(scene, (object) => object instanceof Annotations) as Annotations[];
  const failed = layers.flatMap((layer) => layer.state.data?.errors ?? []).map((error: any) => `annotation: ${error.message}`);
  return failed.concat(panels.flatMap((panel, place) => (states()[place]!.errors ?? []).map((error) => `${panel.state.title}: ${error.message}`)));
}

/** Waits until every panel shows something besides its title, and plots have drawn themselves; gives those that do not. */
async function painted(): Promise<string[]> {
  const drawn = (panel: Element) => panel.querySelector('canvas, [data-empty], [role=gridcell], [data-testid*="Bar gauge"], [style*="font-size"]');
  const blank = () => [...document.querySelectorAll<HTMLElement>('[data-viz-panel-key]')].filter((panel) => !drawn(panel));
  for (let patience = 200; patience && blank().length; patience--) {
    await pause(50);
  }
  await pause(300);
  return blank().map((panel) => panel.dataset.vizPanelKey!);
}

let source: Prometheus;
let root: Root | undefined;

/** Gives what failed, and the keys of panels that stayed blank. */
async function draw(order: Order): Promise<{ errors: string[]; blank: string[] }> {
  root?.unmount();
  const theme = createTheme({ colors: { mode: order.mode } });
  const scene = sceneOf(order);
  useScene(scene, theme);
  const bottom = Math.max(...order.board.panels.map(({ gridPos }: any) => gridPos.y + gridPos.h));
  const frame = { padding: 16, width: order.width, minHeight: bottom * 38 + 150, display: 'flex', flexDirection: 'column' as const, background: theme.colors.background.canvas };
  root = createRoot(document.getElementById('root')!);
  root.render(
    <ThemeContext.Provider value={theme}>
      <GlobalStyles {...({} as any)} />
      <MemoryRouter>
        <CompatRouter>
          <div style={frame}>
            <h1 style={{ fontSize: 18 }}>{order.board.title}</h1>
            <scene.Component model={scene} />
          </div>
        </CompatRouter>
      </MemoryRouter>
      <PortalContainer />
    </ThemeContext.Provider>
  );
  await pause(100);
  const errors = await settled(scene);
  return { errors, blank: await painted() };
}

/** Once in the life of a page: `scrape` is the interval in seconds that the data source is set up with. */
async function start(prometheus: string, scrape: number) {
  await initPluginTranslations('grafana').catch(() => undefined);
  await Promise.all(['400 12px Inter', '500 12px Inter', '600 12px Inter'].map((font) => document.fonts.load(font)));
  source = new Prometheus(prometheus, scrape);
  fillRegistries();
  startServices(source);
  offerPlugins(plugins());
}

Object.assign(window, { start, draw });
