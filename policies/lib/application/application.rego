# METADATA
# description: What an Argo CD Application tracks, by its own status, and what its options say about all of it.
package lib.application

import data.lib.keeping
import data.lib.tracked

# METADATA
# description: |
#   The entries, as lib.tracked has them, that the Application's status lists; where it has none, those that the tracking
#   annotation of objects in sight names (<application>:<group>/<kind>:<namespace>/<name>, with the Application's namespace
#   and _ in front of its name where that is not Argo CD's own; an object without a namespace has the Application's
#   there). An annotation that names another object was copied and does not count. What only carries the label
#   app.kubernetes.io/instance is not among these: charts write it as well. Empty where nothing is known.
entries(app) := listed if {
	listed := _listed(app)
	count(listed) > 0
} else := _tracked(app)

# METADATA
# description: |
#   What is at risk among those of the Application's entries that count and are not guarded, as tracked.risk. option is the
#   sync option by which Argo CD leaves an object alone. Undefined where nothing is.
risk(app, counting, guarded, option) := tracked.risk(counting, guarded, here(app)) if {
	count(entries(app)) > 0
} else := tracked.unlisted("status of argoproj.io/v1alpha1/Application") if {
	count(entries(app)) == 0
	not app.status.reconciledAt
	not keeps(app, option)
}

# METADATA
# description: The Application's own options say that Argo CD does not do it by itself, for objects that say nothing.
keeps(app, option) if {
	written := [value | some value in app.spec.syncPolicy.syncOptions]
	options := keeping.options({"metadata": {"annotations": {keeping.argo_key: concat(",", written)}}})
	count(options[option] & {"false", "confirm"}) > 0
}

# METADATA
# description: The Application's objects are in the cluster that it is in itself.
here(app) if app.spec.destination.server == "https://kubernetes.default.svc"

here(app) if app.spec.destination.name == "in-cluster"

default here(_) := false

_listed(app) := {entry |
	some resource in app.status.resources
	entry := {
		"group": object.get(resource, "group", ""),
		"kind": resource.kind,
		"namespace": object.get(resource, "namespace", ""),
		"name": resource.name,
	}
}

_tracked(app) := {entry |
	some ns, version, kind, name
	id := data.inventory.namespace[ns][version][kind][name].metadata.annotations[_tracking_key]
	entry := {"group": tracked.group(version), "kind": kind, "namespace": ns, "name": name}
	id in {sprintf("%s:%s/%s:%s/%s", [instance, entry.group, kind, ns, name]) | some instance in _instances(app)}
} | {entry |
	some version, kind, name
	id := data.inventory.cluster[version][kind][name].metadata.annotations[_tracking_key]
	entry := {"group": tracked.group(version), "kind": kind, "namespace": "", "name": name}
	some instance in _instances(app)
	startswith(id, sprintf("%s:%s/%s:", [instance, entry.group, kind]))
	endswith(id, sprintf("/%s", [name]))
}

_tracking_key := "argocd.argoproj.io/tracking-id"

_instances(app) := {app.metadata.name, sprintf("%s_%s", [app.metadata.namespace, app.metadata.name])}
