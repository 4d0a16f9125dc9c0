# METADATA
# title: A database finds its data where it left it
# description: |
#   Another volume, another directory in it, another mount path or another data directory: the engine finds none of its
#   files, initialises itself, and takes new writes beside its data. Compared is the place in a volume that is behind the
#   engine's directory, for each container by its name, so that a volume, mount and variable that move together are
#   no change. The directory of the official postgres image has the major version in it from 18 on.
#   Not reported: data that was on a volume that goes with its pod, what other containers mount, a volume that only gets
#   another name in its pod, and claim templates that go (sts-identity-change).
# related_resources:
#   - ref: https://github.com/docker-library/postgres/pull/1259
#     description: PGDATA and the volume of the postgres image move with version 18
#   - ref: https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath
#     description: subPath
# custom:
#   severities: [high]
#   incidents: [nfs-recycle-postgres]
#   remediation: |
#     Leave it, or move the data first: stop the workload (kubectl scale KIND NAME --replicas=0), copy, check that the
#     engine's files are in the new place, switch over, and keep the old volume until backups of the new one exist.
#     For postgres 18 run pg_upgrade, or set PGDATA to the directory that it has now and restore a dump.
#     Who has moved the data says so before, in a request of its own:
#     kubectl annotate KIND NAME data-guard.dev/exempt.data-mount-changed='until=YYYY-MM-DD; by=WHO; reason=data moved'
#   match:
#     kinds:
#       - {apiGroups: [""], kinds: [Pod, ReplicationController]}
#       - {apiGroups: [apps], kinds: [DaemonSet, Deployment, ReplicaSet, StatefulSet]}
#       - {apiGroups: [apps.kruise.io], kinds: [CloneSet, DaemonSet, StatefulSet]}
#       - {apiGroups: [apps.pingcap.com], kinds: [StatefulSet]}
#       - {apiGroups: [argoproj.io], kinds: [Rollout]}
#   asks: [update]
#   reads: [v1/Namespace]
#   parameters: {type: object, default: {}}
package data_mount_changed

import data.lib.asked
import data.lib.classify
import data.lib.datadir
import data.lib.meta
import data.lib.text
import data.lib.verdict
import data.lib.workload

violation contains v if {
	some v in verdict.update("data-mount-changed", _problems(asked.update.old, asked.update.new))
}

_problems(old, new) := {{
	"msg": sprintf("%s has %s (container %s) look for its data in %s instead of %s: unless the data was moved, it starts empty beside it", [
		meta.name(new),
		served.engine,
		served.container,
		_listed(now, how),
		_listed(lost, how),
	]),
	"field": meta.pointer(entry.path),
	"severity": "high",
} |
	not _disposable(old, new)
	some served in workload.serves(old)
	before := object.get(old, served.path, {})
	some entry in workload.running(new)
	entry.container.name == before.name
	now := datadir.places(new, entry.container, served.engine)
	how := _compared(before, entry.container, served.engine)
	lost := _lost(_kept(old, new, before, served.engine), now, how)
	count(lost) > 0
}

# What outlives its pod, and whose claims go on to be those of the pod.
_kept(old, new, container, engine) := {place |
	some place in datadir.places(old, container, engine)
	place.lasting
	object.get(place, "template", null) in ({template.metadata.name | some template in workload.claim_templates(new)} | {null})
}

# Each directory for itself where the images decide on both sides; each place wherever it is mounted where somebody says
# which directory it was; and all of them together where somebody says so only now.
_compared(before, after, engine) := "places" if {
	datadir.exact(before, engine)
} else := "any" if {
	datadir.exact(after, engine)
} else := "directories"

_lost(was, now, "directories") := {place |
	some place in was
	not _same(place) in {_same(other) | some other in now; other.dir == place.dir}
}

_lost(was, now, "places") := {place |
	some place in was
	not _same(place) in {_same(other) | some other in now}
}

_lost(was, now, "any") := was if {
	count({_same(place) | some place in was} & {_same(other) | some other in now}) == 0
} else := set()

_same(place) := [place.volume, place.path]

_listed(places, how) := "no volume" if {
	count(places) == 0
} else := text.joined(sort({sprintf("%s%s", [_worded(place), _at(place, how)]) | some place in places}))

_worded(place) := place.volume if {
	place.path == "/"
} else := sprintf("%s (directory %s)", [place.volume, place.path])

_at(place, how) := sprintf(" at %s", [place.dir]) if {
	how == "directories"
} else := ""

_disposable(old, new) if {
	classify.disposable(old)
	classify.disposable(new)
}
