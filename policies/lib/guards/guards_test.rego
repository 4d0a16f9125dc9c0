package lib.guards_test

import data.lib.guards

_annotated(annotations) := {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"annotations": annotations}}

_labelled(labels) := {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"labels": labels}}

_told(old, new) := {[guard.gone, guard.replaced, guard.loss] | some guard in guards.lost(old, new)}

_options(text) := _annotated({"argocd.argoproj.io/sync-options": text})

test_every_word_of_a_tool_is_a_guard_while_it_says_what_the_tool_knows if {
	every key, values in {
		"helm.sh/resource-policy": ["keep", "Keep"],
		"kustomize.toolkit.fluxcd.io/prune": ["disabled", "enabled"],
		"cli-utils.sigs.k8s.io/on-remove": ["keep", "delete"],
		"client.lifecycle.config.k8s.io/deletion": ["detach", "delete"],
		"kapp.k14s.io/delete-strategy": ["orphan", ""],
		"kluctl.io/skip-delete": ["true", "false"],
	} {
		old := _annotated({key: values[0]})
		[guard] := [guard | some guard in guards.lost(old, _annotated({key: values[1]}))]
		guard.path == ["metadata", "annotations", key]
		guard.gone == sprintf("has annotation %s %s in place of %s", [key, json.marshal(values[1]), json.marshal(values[0])])
		guard.replaced == true
		guards.lost(old, old) == set()
		guards.lost(_annotated({key: values[1]}), _annotated({})) == set()
		some gone in guards.lost(old, {"apiVersion": "v1", "kind": "PersistentVolumeClaim"})
		gone.gone == sprintf("loses annotation %s %s", [key, json.marshal(values[0])])
		gone.replaced == false
		gone.value == values[0]
	}
	every key, value in {
		"kustomize.toolkit.fluxcd.io/prune": "disabled",
		"policy.kruise.io/delete-protection": "Cascading",
		"resourcetemplate.karmada.io/deletion-protected": "Always",
		"policy.alibabacloud.com/delete-protection": "true",
		"protection.fn.crossplane.io/block-deletion": "true",
		"giantswarm.io/prevent-deletion": "",
	} {
		[guard] := [guard | some guard in guards.lost(_labelled({key: value}), _labelled({"other": "true"}))]
		guard.path == ["metadata", "labels", key]
		startswith(guard.gone, "loses label ")
	}
}

test_one_guard_of_a_tool_suffices_and_one_is_told if {
	both := {"metadata": {"annotations": {"kustomize.toolkit.fluxcd.io/prune": "disabled"}, "labels": {"kustomize.toolkit.fluxcd.io/prune": "disabled"}}}
	guards.lost(both, _labelled({"kustomize.toolkit.fluxcd.io/prune": "disabled"})) == set()
	count(guards.lost(both, {})) == 1
	kruise := "policy.kruise.io/delete-protection"
	guards.lost(_labelled({kruise: "Always"}), _labelled({kruise: "Cascading"})) == set()
}

test_guards_of_two_tools_are_two if {
	count(guards.lost(_annotated({"helm.sh/resource-policy": "keep", "kapp.k14s.io/delete-strategy": "orphan"}), {})) == 2
}

test_options_of_argo_cd_are_told_as_one if {
	_told(_options("Prune=false,Delete=false"), _annotated({})) == {["loses Prune=false and Delete=false of annotation argocd.argoproj.io/sync-options", false, "Argo CD deletes it when git no longer has it, and with its Application"]}
	_told(_options("Prune=confirm, Delete=false"), _options("Delete=false, Prune=true")) == {["loses Prune=confirm of annotation argocd.argoproj.io/sync-options", true, "Argo CD deletes it when git no longer has it"]}
	_told(_options("Prune=false,Delete=confirm"), _options("Prune=confirm")) == {["loses Delete=confirm of annotation argocd.argoproj.io/sync-options", true, "Argo CD deletes it with its Application"]}
	_told(_options("Prune=false"), _options("Validate=false,Prune=confirm")) == set()
	_told(_options("Validate=false"), {}) == set()
	_told({}, {}) == set()
}

test_argo_cd_deletes_no_definition_with_its_application_and_nothing_that_helm_keeps if {
	_told(object.union(_options("Delete=false"), {"kind": "CustomResourceDefinition"}), {}) == set()
	_told(_options("Delete=false"), _annotated({"helm.sh/resource-policy": "keep"})) == set()
	count(_told(_options("Prune=false"), _annotated({"helm.sh/resource-policy": "keep"}))) == 1
}

test_fields_of_operators_and_clouds_are_guards_of_their_kinds_alone if {
	every api, samples in {
		"apps.kubeblocks.io/v1": [{"spec": {"terminationPolicy": "DoNotTerminate"}}],
		"sql.cnrm.cloud.google.com/v1beta1": [{"metadata": {"annotations": {"cnrm.cloud.google.com/deletion-policy": "abandon"}}}, {"spec": {"settings": {"deletionProtectionEnabled": true}}}],
		"rds.services.k8s.aws/v1alpha1": [{"metadata": {"annotations": {"services.k8s.aws/deletion-policy": "retain"}}}, {"spec": {"deletionProtection": true}}, {"spec": {"deletionProtectionEnabled": true}}],
		"sql.azure.com/v1api20211101": [{"metadata": {"annotations": {"serviceoperator.azure.com/reconcile-policy": "detach-on-delete"}}}],
		"rds.aws.crossplane.io/v1alpha1": [{"spec": {"deletionPolicy": "Orphan"}}, {"spec": {"forProvider": {"deletionProtection": true}}}],
		"rds.aws.upbound.io/v1beta1": [{"spec": {"deletionPolicy": "Orphan"}}, {"spec": {"forProvider": {"deletionProtection": true}}}, {"spec": {"forProvider": {"deletionProtectionEnabled": true}}}],
	} {
		every sample in samples {
			bare := {"apiVersion": api, "kind": "Cluster", "metadata": {"name": "db"}}
			count(guards.lost(object.union(bare, sample), bare)) == 1
			guards.lost(object.union(sample, {"apiVersion": "example.com/v1", "kind": "Cluster"}), {}) == set()
		}
	}
	guards.lost({"apiVersion": "apps.kubeblocks.io/v1", "kind": "Backup", "spec": {"terminationPolicy": "DoNotTerminate"}}, {}) == set()
}

test_a_field_is_told_by_its_name if {
	bare := {"apiVersion": "rds.services.k8s.aws/v1alpha1", "kind": "DBInstance"}
	_told(object.union(bare, {"spec": {"deletionProtection": true}}), object.union(bare, {"spec": {"deletionProtection": false}})) == {["has spec.deletionProtection false in place of true", true, "the cloud no longer refuses to delete what it stands for"]}
}

test_uninstall_understands_what_an_upgrade_does_not if {
	keep := _annotated({"helm.sh/resource-policy": "keep"})
	every value, loss in {
		"Keep": "Helm deletes it when the chart no longer has it",
		" keep ": "Helm deletes it when the chart no longer has it",
		"kept": "Helm deletes it with its release, and when the chart no longer has it",
	} {
		some guard in guards.lost(keep, _annotated({"helm.sh/resource-policy": value}))
		guard.loss == loss
	}
}
