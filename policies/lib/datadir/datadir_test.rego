package lib.datadir_test

import data.lib.datadir

_pod(container, volumes) := {"kind": "Pod", "spec": {"containers": [container], "volumes": volumes}}

_claim := {"name": "v", "persistentVolumeClaim": {"claimName": "c"}}

_places(container, volumes) := {[place.dir, place.volume, place.path, place.lasting] |
	some place in datadir.places(_pod(container, volumes), container, "postgres")
}

_at(image, mounts) := {"image": image, "volumeMounts": mounts}

_mount(path) := {"name": "v", "mountPath": path}

test_the_tag_of_the_official_image_tells_the_directory if {
	every image, dir in {
		"postgres:17": "/var/lib/postgresql/data",
		"docker.io/library/postgres:9.6-alpine": "/var/lib/postgresql/data",
		"registry:5000/postgres:18.1": "/var/lib/postgresql/18/docker",
		"postgres:19@sha256:0123": "/var/lib/postgresql/19/docker",
	} {
		{place[0] | some place in _places(_at(image, [_mount("/var/lib/postgresql")]), [_claim])} == {dir}
		datadir.exact({"image": image}, "postgres")
	}
}

test_other_images_may_use_any_directory_of_the_engine if {
	every image in ["postgres", "postgres:latest", "bitnami/postgresql:18", "my-postgres:18", "postgres:18beta1"] {
		{place[0] | some place in _places(_at(image, [_mount("/bitnami")]), [_claim])} == {"/bitnami/postgresql"}
		not datadir.exact({"image": image}, "postgres")
	}
}

test_what_is_named_counts_alone if {
	container := object.union(_at("postgres:17", [_mount("/srv")]), {"env": [{"name": "PGDATA", "value": "/srv/pg"}]})
	_places(container, [_claim]) == {["/srv/pg", "claim c", "/pg", true]}
	datadir.exact(container, "postgres")
}

test_the_deepest_mount_counts_with_its_sub_path if {
	mounts := [_mount("/var/lib/postgresql"), {"name": "w", "mountPath": "/var/lib/postgresql/data/", "subPath": "db"}]
	_places(_at("postgres:17", mounts), [_claim, {"name": "w", "emptyDir": {}}]) == {["/var/lib/postgresql/data", "an emptyDir", "/db", false]}
	deep := [{"name": "v", "mountPath": "/var/lib", "subPathExpr": "$(POD)"}]
	_places(_at("postgres:17", deep), [_claim]) == {["/var/lib/postgresql/data", "claim c", "/$(POD)/postgresql/data", true]}
}

test_a_volume_is_known_by_its_source if {
	every text, source in {
		"host path /srv/db": {"hostPath": {"path": "/srv/db/"}},
		"NFS nas:/export": {"nfs": {"server": "nas", "path": "/export/"}},
		`csi {"driver":"d"}`: {"csi": {"driver": "d"}},
	} {
		volume := object.union({"name": "v"}, source)
		_places(_at("postgres:17", [_mount("/var/lib/postgresql/data")]), [volume]) == {["/var/lib/postgresql/data", text, "/", true]}
	}
}

test_without_a_volume_there_is_no_place if {
	_places(_at("postgres:17", []), [_claim]) == set()
	_places(_at("postgres:17", [_mount("/var/lib/postgresql/data")]), []) == set()
	_places({"volumeMounts": null}, [_claim]) == set()
}

test_a_claim_template_is_a_volume if {
	container := _at("postgres:17", [_mount("/var/lib/postgresql/data")])
	set := {"kind": "StatefulSet", "spec": {"volumeClaimTemplates": [{"metadata": {"name": "v"}}], "template": {"spec": {"containers": [container]}}}}
	{place.template | some place in datadir.places(set, container, "postgres")} == {"v"}
}
