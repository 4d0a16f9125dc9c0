# METADATA
# title: No object that holds data is a Helm hook
# description: |
#   A hook is no part of the release: Helm makes it at an event, and unless the chart says otherwise it deletes the one that
#   is there first (before-hook-creation is the default). A claim with the annotation pre-upgrade is a new, empty claim
#   after every upgrade. helm.sh/resource-policy does not help: nothing reads it on a hook. helm uninstall leaves hooks
#   where they are, so that one of pre-install alone waits for the next install of the same name, which deletes it.
# related_resources:
#   - ref: https://helm.sh/docs/topics/charts_hooks/#hook-deletion-policies
#     description: when hooks are deleted, and that they are not part of the release
#   - ref: https://github.com/helm/helm/blob/v4.3.1/pkg/action/hooks.go
#     description: the default, and what is deleted before and after an event (execHookWithDelayedShutdown)
#   - ref: https://github.com/helm/helm/blob/v4.3.1/pkg/release/v1/util/manifest_sorter.go
#     description: how the annotations are read
# custom:
#   severities: [critical, medium]
#   incidents: [nfs-recycle-postgres]
#   remediation: |
#     Make it an ordinary object of the chart: remove helm.sh/hook, helm.sh/hook-weight and helm.sh/hook-delete-policy, and
#     add helm.sh/resource-policy: keep. What an earlier release left has to be given to Helm first, or the upgrade refuses it:
#     kubectl annotate KIND NAME -n NAMESPACE meta.helm.sh/release-name=RELEASE meta.helm.sh/release-namespace=NAMESPACE
#     kubectl label KIND NAME -n NAMESPACE app.kubernetes.io/managed-by=Helm
#     Where a hook's Job needs the claim before all else is there, make the claim outside of the chart and name it in its values.
#   match:
#     kinds:
#       - {apiGroups: [""], kinds: [Namespace, PersistentVolume, PersistentVolumeClaim]}
#       - {apiGroups: [apps], kinds: [StatefulSet]}
#       - {apiGroups: [acid.zalan.do], kinds: [postgresql]}
#       - {apiGroups: [apps.kubeblocks.io, postgresql.cnpg.io], kinds: [Cluster]}
#       - {apiGroups: [cassandra.datastax.com], kinds: [CassandraDatacenter]}
#       - {apiGroups: [ceph.rook.io], kinds: [CephBlockPool, CephCluster, CephFilesystem, CephObjectStore]}
#       - {apiGroups: [clickhouse.altinity.com], kinds: [ClickHouseInstallation]}
#       - {apiGroups: [core.pingcap.com], kinds: [Cluster, PDGroup, TiFlashGroup, TiKVGroup]}
#       - {apiGroups: [elasticsearch.k8s.elastic.co], kinds: [Elasticsearch]}
#       - {apiGroups: [k8s.mariadb.com, enterprise.mariadb.com], kinds: [MariaDB]}
#       - {apiGroups: [kafka.strimzi.io], kinds: [Kafka, KafkaNodePool]}
#       - {apiGroups: [longhorn.io], kinds: [Volume]}
#       - {apiGroups: [monitoring.coreos.com], kinds: [Alertmanager, Prometheus]}
#       - {apiGroups: [pgv2.percona.com], kinds: [PerconaPGCluster]}
#       - {apiGroups: [pingcap.com], kinds: [TidbCluster]}
#       - {apiGroups: [postgres-operator.crunchydata.com], kinds: [PostgresCluster]}
#       - {apiGroups: [postgresql.cnpg.io], kinds: [Database]}
#       - {apiGroups: [ps.percona.com], kinds: [PerconaServerMySQL]}
#       - {apiGroups: [psmdb.percona.com], kinds: [PerconaServerMongoDB]}
#       - {apiGroups: [pxc.percona.com], kinds: [PerconaXtraDBCluster]}
#       - {apiGroups: [rabbitmq.com], kinds: [RabbitmqCluster]}
#       - {apiGroups: [redis.redis.opstreelabs.in], kinds: [Redis, RedisCluster, RedisReplication]}
#   asks: [state]
#   admission: false
#   admissionReason: |
#     Helm sends its hooks in the middle of a release: to refuse one fails the release half way, after the hook before it was
#     deleted. The chart is the place to judge it, and audit shows what is in the cluster already.
#   reads:
#     - acid.zalan.do/v1/OperatorConfiguration
#     - apps/v1/StatefulSet
#     - storage.k8s.io/v1/StorageClass
#     - v1/Namespace
#     - v1/PersistentVolume
#     - v1/PersistentVolumeClaim
#   parameters: {type: object, default: {}}
package helm_hook_on_data_object

import data.lib.asked
import data.lib.helm
import data.lib.keeping
import data.lib.meta
import data.lib.patch
import data.lib.stake
import data.lib.text
import data.lib.verdict

violation contains v if {
	some v in verdict.state("helm-hook-on-data-object", _problems(asked.object), {p | some p in _problems(asked.before)})
}

_problems(obj) := {object.union(
	{
		"msg": sprintf("%s is a Helm hook (%s%s): %s; %s", [
			meta.name(obj),
			concat(", ", sort(helm.events(obj))),
			_said(obj),
			effect.text,
			loss.text,
		]),
		"field": meta.pointer(["metadata", "annotations", helm.hook_key]),
		"severity": _severity(effect, loss),
		"related": loss.related,
	},
	object.union(_fix(obj), {"unknown": loss.unknown}),
) |
	effect := _effect(helm.events(obj), helm.delete_policies(obj))
	loss := stake.of(obj)
}

_said(obj) := "" if {
	is_string(obj.metadata.annotations[helm.delete_policy_key])
} else := "; without a delete policy, which means before-hook-creation"

# Undefined where Helm leaves the object alone: it deletes a failed hook, and one whose policy it does not know, never.
_effect(events, policies) := {
	"recurs": true,
	"text": sprintf("each %s deletes it and makes a new one", [text.joined(_repeated(events))]),
} if {
	count(_repeated(events)) > 0
	"before-hook-creation" in policies
} else := {
	"recurs": true,
	"text": sprintf("after each %s it is deleted", [text.joined(_repeated(events))]),
} if {
	count(_repeated(events)) > 0
	"hook-succeeded" in policies
} else := {
	"recurs": true,
	"text": "it is deleted right after the install, under the pods that use it",
} if {
	"post-install" in events
	"hook-succeeded" in policies
} else := {
	"recurs": false,
	"text": "an install deletes what an earlier release of that name left",
} if {
	count(events) > 0
	"before-hook-creation" in policies
} else := {
	"recurs": false,
	"text": "it is deleted before the rest of the release is installed",
} if {
	count(events) > 0
	"hook-succeeded" in policies
}

_severity(effect, loss) := "critical" if {
	effect.recurs
	not loss.kept
} else := "medium"

# What people do again and again, in the order of their names.
_repeated(events) := sort({object.get(_operations, [event], "") | some event in events} - {""})

_operations := {
	"post-delete": "uninstall",
	"post-rollback": "rollback",
	"post-upgrade": "upgrade",
	"pre-delete": "uninstall",
	"pre-rollback": "rollback",
	"pre-upgrade": "upgrade",
	"test": "helm test",
}

# What comes before the rest of a release may be needed there, and what only a test makes is not wanted otherwise. In a
# cluster it is the release that counts, and no annotation.
_fix(obj) := {"fix": array.concat(removed, patch.set(obj, _path(keeping.helm_key), "keep"))} if {
	every event in helm.events(obj) {
		startswith(event, "post-")
	}
	not obj.metadata.uid
	removed := [op |
		some key in [helm.hook_key, "helm.sh/hook-weight", helm.delete_policy_key]
		some op in patch.remove(obj, _path(key))
	]
} else := {}

_path(key) := ["metadata", "annotations", key]
