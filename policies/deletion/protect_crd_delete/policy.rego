# METADATA
# title: The definition of a data resource is deleted only by someone who said so before
# description: |
#   Deleting a CustomResourceDefinition deletes every resource of its kind, in all namespaces, past every admission check:
#   nobody is asked about them, and operators then delete what belongs to them. It happens when an operator is
#   uninstalled, or when a chart moves its definitions from templates/ to crds/. Definitions of kinds that hold no data are
#   not refused; where some of their resources are in sight, it is said how many go.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#delete-a-customresourcedefinition
#     description: all resources of the kind go with the definition
#   - ref: https://helm.sh/docs/chart_best_practices/custom_resource_definitions/
#     description: why Helm never deletes what is in crds/
# custom:
#   severities: [critical, high, medium]
#   incidents: [federated-namespace-deletion, backup-finalizer-deadlock]
#   supersedes: [helm-removed-data-object]
#   remediation: |
#     Back up the resources, and what they stand for: kubectl get PLURAL.GROUP -A -o yaml
#     Where a chart manages the definition, keep it: kubectl annotate crd NAME helm.sh/resource-policy=keep
#     To uninstall for good, delete the resources first, one by one: then guard is asked about each. Then allow the
#     definition's deletion for an hour, in a request of its own:
#     kubectl annotate crd NAME data-guard.dev/allow-delete=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
#   match:
#     kinds: [{apiGroups: [apiextensions.k8s.io], kinds: [CustomResourceDefinition]}]
#   asks: [delete]
#   reads:
#     - v1/Namespace
#     - apps.kubeblocks.io/v1/Cluster
#     - cassandra.datastax.com/v1beta1/CassandraDatacenter
#     - ceph.rook.io/v1/CephBlockPool
#     - ceph.rook.io/v1/CephCluster
#     - ceph.rook.io/v1/CephFilesystem
#     - ceph.rook.io/v1/CephObjectStore
#     - clickhouse.altinity.com/v1/ClickHouseInstallation
#     - elasticsearch.k8s.elastic.co/v1/Elasticsearch
#     - k8s.mariadb.com/v1alpha1/MariaDB
#     - kafka.strimzi.io/v1beta2/Kafka
#     - longhorn.io/v1beta2/Volume
#     - pgv2.percona.com/v2/PerconaPGCluster
#     - pingcap.com/v1alpha1/Backup
#     - pingcap.com/v1alpha1/TidbCluster
#     - postgres-operator.crunchydata.com/v1beta1/PostgresCluster
#     - postgresql.cnpg.io/v1/Cluster
#     - psmdb.percona.com/v1/PerconaServerMongoDB
#     - pxc.percona.com/v1/PerconaXtraDBCluster
#     - rabbitmq.com/v1beta1/RabbitmqCluster
#     - redis.redis.opstreelabs.in/v1beta2/RedisCluster
#   parameters:
#     type: object
#     default: {}
#     properties:
#       cascadeActors:
#         description: |
#           Exact names of users that may delete definitions without approval. Empty on purpose: whoever deletes a
#           definition deletes data in all namespaces.
#         type: array
#         items: {type: string}
#         default: []
package protect_crd_delete

import data.lib.approval
import data.lib.asked
import data.lib.classify
import data.lib.dataobject
import data.lib.meta
import data.lib.operators
import data.lib.text
import data.lib.verdict

violation contains v if {
	some v in verdict.delete("protect-crd-delete", _problems(asked.delete))
}

_problems(crd) := {object.union(
	{
		"msg": sprintf("%s is to be deleted: %s%s", [meta.name(crd), effect.text, approval.refused(crd)]),
		"field": "",
		"severity": effect.severity,
	},
	object.filter(effect, ["unknown", "related"]),
) |
	not _cascade
	not classify.disposable(crd)
	not approval.holds(crd)
	effect := _effect(crd, _resources(crd))
}

_cascade if asked.user in input.parameters.cascadeActors

# Undefined where nothing that someone would miss goes.
_effect(crd, shown) := {
	"severity": severity,
	"text": sprintf("it takes %s along, and nobody is asked about them: %s", [text.counted(count(missed), "resource"), text.few([meta.qualified(resource) | some resource in missed])]),
	"related": array.slice([_key(resource) | some resource in missed], 0, _most),
} if {
	missed := [resource | some resource in shown; not classify.disposable(resource)]
	count(missed) > 0
	severity := _severity(crd)
} else := {
	"severity": _severity(crd),
	"text": sprintf("nobody showed its resources; every %s that there may be goes with it, and nobody is asked about them", [crd.spec.names.kind]),
	"unknown": [sprintf("%s/%s", [crd.spec.group, crd.spec.names.kind])],
} if {
	count(shown) == 0
	_severity(crd) != "medium"
}

_most := 20

_severity(crd) := "critical" if {
	dataobject.definition(crd)
} else := "high" if {
	crd.spec.group in operators.groups
	crd.spec.group != "monitoring.coreos.com"
} else := "medium"

# In every version that the definition names.
_resources(crd) := [resource |
	some version in crd.spec.versions
	some kinds in _worlds(sprintf("%s/%s", [crd.spec.group, version.name]))
	some resource in kinds[crd.spec.names.kind]
]

_worlds(api_version) := array.concat(
	[kinds | kinds := data.inventory.cluster[api_version]],
	[kinds | some versions in data.inventory.namespace; kinds := versions[api_version]],
)

_key(resource) := meta.key(resource.apiVersion, resource.kind, meta.namespace(resource), meta.simple(resource))
