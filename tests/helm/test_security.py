"""The pod is of the restricted profile, unless somebody asks for less."""

from __future__ import annotations

from tests.helm.charts import each_case, exporter, minimal, pod, values


@each_case
def test_the_pod_is_of_the_restricted_profile(case: str) -> None:
    # https://kubernetes.io/docs/concepts/security/pod-security-standards/, "Restricted"
    spec = pod(values(case))

    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"].get("runAsUser") != 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    for container in [*spec["containers"], *spec.get("initContainers", [])]:
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert not any("hostPort" in port for port in container.get("ports", []))
    assert {next(iter(set(volume) - {"name"})) for volume in spec["volumes"]} <= {
        "configMap",
        "emptyDir",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }


@each_case
def test_the_pod_can_write_its_state_only_and_holds_no_token(case: str) -> None:
    container = exporter(values(case))

    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert [mount["name"] for mount in container["volumeMounts"] if not mount.get("readOnly")] == ["state"]
    assert pod(values(case))["automountServiceAccountToken"] is False


def test_openshift_assigns_user_and_groups() -> None:
    assert pod(values("openshift"))["securityContext"] == {
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def test_what_leaves_the_restricted_profile_is_there_for_those_who_ask_for_it() -> None:
    spec = pod(minimal(hostNetwork=True, hostUsers=False, web={"hostPort": 10190}))

    assert (spec["hostNetwork"], spec["hostUsers"]) == (True, False)
    assert spec["containers"][0]["ports"][0]["hostPort"] == 10190
