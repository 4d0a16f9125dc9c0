package lib.application_test

import data.lib.application

test_the_status_lists_what_is_tracked if {
	app := object.union(_app("shop"), {"status": {"resources": [
		{"kind": "PersistentVolumeClaim", "version": "v1", "namespace": "shop", "name": "data"},
		{"group": "apps", "kind": "Deployment", "version": "v1", "namespace": "shop", "name": "web"},
	]}})
	application.entries(app) == {
		_entry("", "PersistentVolumeClaim", "shop", "data"),
		_entry("apps", "Deployment", "shop", "web"),
	}
		with data.inventory as {}
}

test_annotations_name_what_is_tracked_where_no_status_does if {
	application.entries(_app("shop")) == {_entry("", "PersistentVolumeClaim", "shop", "data")} with data.inventory as _world("shop:/PersistentVolumeClaim:shop/data")
	application.entries(_app("shop")) == {_entry("", "PersistentVolumeClaim", "shop", "data")} with data.inventory as _world("argocd_shop:/PersistentVolumeClaim:shop/data")
}

test_a_copied_annotation_tracks_nothing if {
	every id in ["shop:/PersistentVolumeClaim:web/data", "shop:apps/PersistentVolumeClaim:shop/data", "other:/PersistentVolumeClaim:shop/data", "shop", null] {
		application.entries(_app("shop")) == set() with data.inventory as _world(id)
	}
}

test_what_has_no_namespace_is_tracked_with_that_of_the_application if {
	namespace := {"metadata": {"name": "shop", "annotations": {"argocd.argoproj.io/tracking-id": "shop:/Namespace:anything/shop"}}}
	application.entries(_app("shop")) == {_entry("", "Namespace", "", "shop")} with data.inventory as {"cluster": {"v1": {"Namespace": {"shop": namespace}}}}
	application.entries(_app("shop")) == set() with data.inventory as {"cluster": {"v1": {"Namespace": {"web": namespace}}}}
	application.entries(_app("sho")) == set() with data.inventory as {"cluster": {"v1": {"Namespace": {"shop": namespace}}}}
}

test_options_of_the_application if {
	application.keeps({"spec": {"syncPolicy": {"syncOptions": ["CreateNamespace=true", "Prune=false"]}}}, "Prune")
	application.keeps({"spec": {"syncPolicy": {"syncOptions": ["Prune=confirm"]}}}, "Prune")
	not application.keeps({"spec": {"syncPolicy": {"syncOptions": ["Prune=confirm"]}}}, "Delete")
	not application.keeps({"spec": {"syncPolicy": {"syncOptions": ["Prune=true"]}}}, "Prune")
	not application.keeps({"spec": {"syncPolicy": {"syncOptions": "Prune=false"}}}, "Prune")
	not application.keeps({}, "Prune")
}

test_the_cluster_by_its_address_or_name if {
	application.here({"spec": {"destination": {"server": "https://kubernetes.default.svc"}}})
	application.here({"spec": {"destination": {"name": "in-cluster"}}})
	not application.here({"spec": {"destination": {"name": "edge"}}})
	not application.here({})
}

_app(name) := {"metadata": {"name": name, "namespace": "argocd"}}

_entry(group, kind, ns, name) := {"group": group, "kind": kind, "namespace": ns, "name": name}

_world(id) := {"namespace": {"shop": {"v1": {"PersistentVolumeClaim": {"data": {"metadata": {
	"name": "data",
	"namespace": "shop",
	"annotations": {"argocd.argoproj.io/tracking-id": id},
}}}}}}}
