"""Plays Kubernetes for one pod of the chart: its volumes as directories, its variables, its command line."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.helm.charts import Object, environment, exporter, of_kind, pod

ETC, STATE = "/etc/ai-provider-exporter", "/var/lib/ai-provider-exporter"

_VARIABLE = re.compile(r"\$\((\w+)\)")

Secrets = Mapping[str, Mapping[str, str]]


class Node:
    """Mounts what a release has below `directory`; `secrets` are those that the user has made."""

    def __init__(self, given: dict[str, Any], secrets: Secrets, directory: Path, pod_index: int = 0) -> None:
        self._given, self._pod_index, self._directory = given, pod_index, directory
        self._documents = _documents(given, secrets)
        self._versions = 0
        (directory / "state").mkdir()
        for mount in exporter(given)["volumeMounts"]:
            if mount["mountPath"].startswith(ETC):
                self.mount(mount["name"])

    def change(self, given: dict[str, Any]) -> None:
        """What `helm upgrade` does to the files of a pod that goes on."""
        self._documents.update(_documents(given, {}))
        self.mount("config")

    def mount(self, name: str) -> None:
        """As Kubernetes does: the files are links through a link that is swapped."""
        directory = self._directory / name
        directory.mkdir(exist_ok=True)
        self._versions += 1
        new, link = directory / f"..{self._versions}", directory / "..data_tmp"
        new.mkdir()
        for file, text in self._files(name).items():
            (new / file).write_text(self.placed(text))
            if not (directory / file).is_symlink():
                (directory / file).symlink_to(f"..data/{file}")
        link.symlink_to(new.name)
        link.rename(directory / "..data")

    def arguments(self) -> list[str]:
        """The command line, with variables filled in as Kubernetes fills them in."""
        variables = self.variables()
        texts = [
            re.sub(r"\$\((\w+)\)", lambda found: variables[found[1]], text) for text in exporter(self._given)["args"]
        ]
        return [self.placed(text) for text in texts]

    def variables(self) -> dict[str, str]:
        made: dict[str, str] = {}
        for source in exporter(self._given).get("envFrom", []):
            made |= self._documents[source["secretRef"]["name"]]
        for name, value in environment(self._given).items():
            made[name] = value if isinstance(value, str) else self._value(value)
        return {name: self.placed(value) for name, value in made.items()}

    def placed(self, text: str) -> str:
        """`text` with the paths of the pod replaced by those of this machine."""
        return text.replace(ETC, str(self._directory)).replace(STATE, str(self._directory / "state"))

    def _value(self, source: Object) -> str:
        if "fieldRef" in source:
            assert source["fieldRef"]["fieldPath"] == "metadata.labels['apps.kubernetes.io/pod-index']"
            return str(self._pod_index)
        return self._documents[source["secretKeyRef"]["name"]][source["secretKeyRef"]["key"]]

    def _files(self, name: str) -> dict[str, str]:
        (volume,) = [volume for volume in pod(self._given)["volumes"] if volume["name"] == name]
        sources = volume["projected"]["sources"] if "projected" in volume else [volume]
        files: dict[str, str] = {}
        for source in sources:
            files |= self._selected(source.get("secret") or source["configMap"])
        return files

    def _selected(self, source: Object) -> dict[str, str]:
        document = self._documents[source.get("name") or source["secretName"]]
        items = source.get("items") or [{"key": key, "path": key} for key in document]
        return {item["path"]: document[item["key"]] for item in items}


def _documents(given: dict[str, Any], secrets: Secrets) -> dict[str, dict[str, str]]:
    """Name -> entries, of every ConfigMap and Secret of the release and the user's."""
    made = {found["metadata"]["name"]: found for kind in ("ConfigMap", "Secret") for found in of_kind(given, kind)}
    own = {name: found.get("data") or found["stringData"] for name, found in made.items()}
    return {**own, **{name: dict(entries) for name, entries in secrets.items()}}


def basic(login: Mapping[str, str]) -> dict[str, str]:
    """The header of a scrape with that user name and password."""
    token = base64.b64encode(f"{login['username']}:{login['password']}".encode()).decode()
    return {"authorization": f"Basic {token}"}
