# METADATA
# title: A definition that a chart's templates make is kept
# description: |
#   Helm never deletes what stands in a chart's crds/. A definition among its templates is an object like any other: helm
#   uninstall deletes it, and so does the upgrade to a chart that moved it to crds/ or switched it off. With a definition
#   the API server deletes every object of its kind, in every namespace and of every release, and asks no webhook about
#   any of them. The operator does to their data what it does when someone deletes them one by one.
# related_resources:
#   - ref: https://helm.sh/docs/chart_best_practices/custom_resource_definitions/
#     description: crds/ and templates/
#   - ref: https://github.com/helm/helm/issues/8163
#     description: definitions deleted by the upgrade that moved them to crds/
#   - ref: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#delete-a-customresourcedefinition
#     description: a definition goes with all its objects
# custom:
#   severities: [medium, critical]
#   supersedes: [helm-resource-policy-invalid]
#   incidents: [federated-namespace-deletion]
#   remediation: |
#     Add the annotation helm.sh/resource-policy: keep to the definition in the chart and release that, before anything moves
#     it to crds/, to a chart of its own or behind a value. An upgrade, but not uninstall, heeds it on the object too:
#     kubectl annotate crd NAME helm.sh/resource-policy=keep
#     A release that holds nothing but definitions, and is uninstalled only to delete them, belongs into parameter
#     definitionReleases.
#   match:
#     kinds: [{apiGroups: [apiextensions.k8s.io], kinds: [CustomResourceDefinition]}]
#   asks: [state]
#   admission: false
#   admissionReason: |
#     Helm sends its objects in the middle of a release: to refuse one leaves the release half made. The chart is the
#     place to judge it, and audit shows what is in the cluster already.
#   reads: [v1/Namespace]
#   parameters:
#     type: object
#     default: {}
#     properties:
#       definitionReleases:
#         description: |
#           Exact names of Helm releases that hold definitions alone, where whoever uninstalls one means to delete them.
#         type: array
#         items: {type: string}
#         default: []
package helm_crd_in_templates

import data.lib.asked
import data.lib.classify
import data.lib.dataobject
import data.lib.helm
import data.lib.keeping
import data.lib.meta
import data.lib.patch
import data.lib.text
import data.lib.verdict

violation contains v if {
	some v in verdict.state("helm-crd-in-templates", _problems(asked.object), {p | some p in _problems(asked.before)})
}

_problems(definition) := {{
	"msg": sprintf("%s is in the templates of Helm release %s without resource policy keep: uninstall, or an upgrade that no longer has it, deletes it with all objects of its kind%s", [
		meta.name(definition),
		helm.release(definition),
		_seen(definition),
	]),
	"field": meta.pointer(_path),
	"severity": _severity(definition),
	"fix": patch.set(definition, _path, "keep"),
} |
	helm.managed(definition)
	not helm.release(definition) in input.parameters.definitionReleases

	# A policy that is not keep is told by helm-resource-policy-invalid: uninstall leaves such an object alone.
	not definition.metadata.annotations[keeping.helm_key]
	not classify.disposable(definition)
}

_path := ["metadata", "annotations", keeping.helm_key]

_severity(definition) := "critical" if {
	dataobject.definition(definition)
} else := "medium"

_seen(definition) := "" if {
	count(_objects(definition)) == 0
} else := sprintf(", among them %s", [text.few(sort(_objects(definition)))])

# A version that is only served shows the same objects again.
_objects(definition) := {sprintf("%s/%s", [ns, name]) |
	some version in definition.spec.versions
	some ns, versions in data.inventory.namespace
	some name, _ in versions[sprintf("%v/%v", [definition.spec.group, version.name])][definition.spec.names.kind]
} | {name |
	some version in definition.spec.versions
	some name, _ in data.inventory.cluster[sprintf("%v/%v", [definition.spec.group, version.name])][definition.spec.names.kind]
}
