package lib.helm_test

import data.lib.helm

_annotated(annotations) := {"metadata": {
	"labels": {"app.kubernetes.io/managed-by": "Helm"},
	"annotations": annotations,
}}

test_a_release_has_what_carries_both_marks if {
	helm.managed(_annotated({"meta.helm.sh/release-name": "shop"}))
	not helm.managed(_annotated({}))
	not helm.managed(_annotated({"meta.helm.sh/release-name": ""}))
	not helm.managed(_annotated({"meta.helm.sh/release-name": null}))
	not helm.managed({"metadata": {"annotations": {"meta.helm.sh/release-name": "shop"}}})
	not helm.managed({})
}

test_a_release_does_not_have_its_hooks if {
	not helm.managed(_annotated({"meta.helm.sh/release-name": "shop", "helm.sh/hook": "pre-upgrade"}))
}

test_events_are_read_as_helm_reads_them if {
	helm.events(_annotated({"helm.sh/hook": " Pre-Upgrade,post-install"})) == {"pre-upgrade", "post-install"}
	helm.events(_annotated({"helm.sh/hook": "test-success"})) == {"test"}
	helm.events(_annotated({"helm.sh/hook": "pre-upgrade,crd-install"})) == set()
	helm.events(_annotated({"helm.sh/hook": ""})) == set()
	helm.events(_annotated({"helm.sh/hook": null})) == set()
	helm.events({}) == set()
}

test_a_hook_without_a_delete_policy_is_deleted_before_it_is_made_anew if {
	helm.delete_policies(_annotated({})) == {"before-hook-creation"}
	helm.delete_policies(_annotated({"helm.sh/hook-delete-policy": "Hook-Succeeded, hook-failed"})) == {"hook-succeeded", "hook-failed"}
	helm.delete_policies(_annotated({"helm.sh/hook-delete-policy": ""})) == {""}
}
