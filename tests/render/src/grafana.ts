// What Grafana's own application does when it starts, before any board is drawn: registries and services.
import {
  DataSourceApi, EventBusSrv, booleanOverrideProcessor, dataLinksOverrideProcessor, displayNameOverrideProcessor,
  identityOverrideProcessor, numberOverrideProcessor, standardFieldConfigEditorRegistry, standardTransformers, standardTransformersRegistry,
  stringOverrideProcessor, thresholdsOverrideProcessor, unitOverrideProcessor, valueMappingsOverrideProcessor, GrafanaTheme2, PanelPlugin,
} from '@grafana/data';
import * as runtime from '@grafana/runtime';
import { sceneGraph } from '@grafana/scenes';
import { Observable } from 'rxjs';
import { settings } from './prometheus';

const PROCESSORS: Record<string, any> = {
  unit: unitOverrideProcessor, min: numberOverrideProcessor, max: numberOverrideProcessor, decimals: numberOverrideProcessor,
  displayName: displayNameOverrideProcessor, noValue: stringOverrideProcessor, color: identityOverrideProcessor,
  thresholds: thresholdsOverrideProcessor, mappings: valueMappingsOverrideProcessor, links: dataLinksOverrideProcessor,
  fieldMinMax: booleanOverrideProcessor, filterable: booleanOverrideProcessor, description: stringOverrideProcessor,
};

export function fillRegistries() {
  const options = Object.entries(PROCESSORS).map(([id, process]) => ({
    id, path: id, name: id, process, shouldApply: () => true, settings: {}, editor: () => null, override: () => null, category: [],
  }));
  const transformers = new Map(Object.values(standardTransformers).map((one: any) => [one.id, one]));
  standardFieldConfigEditorRegistry.setInit(() => options as any);
  standardTransformersRegistry.setInit(
    () => [...transformers.values()].map((one) => ({ id: one.id, name: one.name, transformation: async () => one, editor: () => null })) as any
  );
}

export function offerPlugins(plugins: Map<string, PanelPlugin>) {
  runtime.setPluginImportUtils({
    importPanelPlugin: async (kind: string) => plugins.get(kind)!,
    getPanelPluginFromCache: (kind: string) => plugins.get(kind),
  } as any);
}

export function startServices(source: DataSourceApi<any>) {
  const services = runtime as any;
  services.setDataSourceSrv({
    get: async () => source, getList: () => [settings], getInstanceSettings: () => settings, reload() {}, registerRuntimeDataSource() {},
  });
  services.setRunRequest(
    (chosen: any, request: any) =>
      new Observable((subscriber) =>
        chosen.query(request).subscribe((answer: any) => {
          subscriber.next({ series: answer.data, state: answer.state, errors: answer.errors, timeRange: request.range, request });
          subscriber.complete();
        })
      )
  );
  services.setAppEvents?.(new EventBusSrv());
  runtime.setTemplateSrv({
    replace(text?: string, scoped?: any, format?: any) {
      const object = scoped?.__sceneObject?.value;
      const scene = object?.valueOf ? object.valueOf() : object ?? current;
      return scene && text ? sceneGraph.interpolate(scene, text, scoped, format) : text ?? '';
    },
    getVariables: () => [],
    containsTemplate: () => false,
    updateTimeRange() {},
  } as any);
}

let current: any;
/** The scene whose variables stand where a query names none. */
export function useScene(scene: any, theme: GrafanaTheme2) {
  current = scene;
  (runtime.config as any).theme2 = theme;
}

