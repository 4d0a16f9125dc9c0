# METADATA
# title: A resource policy is the word keep, or it keeps nothing
# description: |
#   The one resource policy that Helm knows is keep. Uninstalling, Helm 3 and 4 trim the value, ignore upper case, and
#   leave alone whatever has any policy at all. An upgrade compares exactly: what the chart no longer has is deleted
#   unless its live annotation is keep, letter for letter. So "Keep" passes every test with uninstall, and the first upgrade
#   that renames or drops the object deletes it. A label of that name is read by neither.
#
#   An annotation on an item of a List is not read by uninstall either. Neither a cluster nor guard, which takes Lists apart,
#   can tell where such an item came from, so this policy does not see it; helm lint does.
# related_resources:
#   - ref: https://helm.sh/docs/howto/charts_tips_and_tricks/#tell-helm-not-to-uninstall-a-resource
#     description: the resource policy
#   - ref: https://github.com/helm/helm/blob/v4.3.1/pkg/kube/client.go
#     description: what an upgrade deletes, and that it compares exactly (Update)
#   - ref: https://github.com/helm/helm/blob/v4.3.1/pkg/action/resource_policy.go
#     description: what uninstall leaves (filterManifestsToKeep)
# custom:
#   severities: [medium, high]
#   supersedes: [helm-pvc-no-keep]
#   incidents: [nfs-recycle-postgres]
#   remediation: |
#     Write the annotation exactly, helm.sh/resource-policy: keep, in the chart, and release that once before anything
#     renames or drops the object: an upgrade reads the annotation that the object in the cluster has.
#     kubectl annotate KIND NAME -n NAMESPACE --overwrite helm.sh/resource-policy=keep
#   match:
#     kinds:
#       - {apiGroups: [""], kinds: [Namespace, PersistentVolume, PersistentVolumeClaim]}
#       - {apiGroups: [apps], kinds: [DaemonSet, Deployment, StatefulSet]}
#       - {apiGroups: [batch], kinds: [CronJob, Job]}
#       - {apiGroups: [apiextensions.k8s.io], kinds: [CustomResourceDefinition]}
#       - {apiGroups: [apps.kubeblocks.io, postgresql.cnpg.io], kinds: [Cluster]}
#       - {apiGroups: [cassandra.datastax.com], kinds: [CassandraDatacenter]}
#       - {apiGroups: [ceph.rook.io], kinds: [CephBlockPool, CephCluster, CephFilesystem, CephObjectStore]}
#       - {apiGroups: [clickhouse.altinity.com], kinds: [ClickHouseInstallation]}
#       - {apiGroups: [elasticsearch.k8s.elastic.co], kinds: [Elasticsearch]}
#       - {apiGroups: [k8s.mariadb.com, enterprise.mariadb.com], kinds: [MariaDB]}
#       - {apiGroups: [kafka.strimzi.io], kinds: [Kafka]}
#       - {apiGroups: [monitoring.coreos.com], kinds: [Alertmanager, Prometheus, PrometheusAgent]}
#       - {apiGroups: [pgv2.percona.com], kinds: [PerconaPGCluster]}
#       - {apiGroups: [pingcap.com], kinds: [TidbCluster]}
#       - {apiGroups: [postgres-operator.crunchydata.com], kinds: [PostgresCluster]}
#       - {apiGroups: [psmdb.percona.com], kinds: [PerconaServerMongoDB]}
#       - {apiGroups: [pxc.percona.com], kinds: [PerconaXtraDBCluster]}
#       - {apiGroups: [rabbitmq.com], kinds: [RabbitmqCluster]}
#       - {apiGroups: [redis.redis.opstreelabs.in], kinds: [RedisCluster]}
#   asks: [state]
#   admission: false
#   admissionReason: |
#     Helm sends its objects in the middle of a release: to refuse one leaves the release half made. The chart is the
#     place to judge it, and audit shows what is in the cluster already.
#   reads: [v1/Namespace, v1/PersistentVolumeClaim]
#   parameters: {type: object, default: {}}
package helm_resource_policy_invalid

import data.lib.asked
import data.lib.classify
import data.lib.helm
import data.lib.keeping
import data.lib.meta
import data.lib.patch
import data.lib.verdict

violation contains v if {
	some v in verdict.state("helm-resource-policy-invalid", _problems(asked.object), {p | some p in _problems(asked.before)})
}

_problems(obj) := {object.union(
	{
		"msg": sprintf("%s has resource policy %s%s", [meta.name(obj), json.marshal(mistake.value), mistake.text]),
		"field": meta.pointer(mistake.path),
		"severity": _severity(obj),
	},
	_fix(obj, mistake.value),
) |
	helm.managed(obj)
	mistake := _mistake(obj.metadata)
	not classify.expendable(obj)
}

# Undefined where nobody asked for a policy, or the right one stands where Helm reads it.
_mistake(metadata) := {
	"path": _path,
	"value": value,
	"text": ": Helm takes only keep for keep, exactly so, and an upgrade that no longer has it deletes it",
} if {
	value := metadata.annotations[keeping.helm_key]
	value != "keep"
} else := {
	"path": ["metadata", "labels", keeping.helm_key],
	"value": value,
	"text": " as a label, where Helm does not read it: uninstall deletes it, and so does an upgrade that no longer has it",
} if {
	value := metadata.labels[keeping.helm_key]
	not metadata.annotations[keeping.helm_key]
}

_path := ["metadata", "annotations", keeping.helm_key]

# What these hold is in claims and elsewhere, and stays when they go.
_severity(obj) := "medium" if {
	obj.kind in {"CronJob", "DaemonSet", "Deployment", "Job", "StatefulSet"}
} else := "high"

# What someone meant by another word is not known.
_fix(obj, value) := {"fix": patch.set(obj, _path, "keep")} if {
	lower(trim_space(sprintf("%v", [value]))) == "keep"
} else := {}
