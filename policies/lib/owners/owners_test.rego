package lib.owners_test

import data.lib.owners

test_an_owner_is_found_by_group_kind_and_name_whatever_its_version if {
	owners.state(_reference("example.com/v1", "Team", "db", "1")) == "there" with data.inventory as _world
	owners.state(_reference("example.com/v2", "Team", "db", "1")) == "there" with data.inventory as _world
	owners.shown(_reference("example.com/v2", "Team", "db", "1")) == {_world.cluster["example.com/v1"].Team.db} with data.inventory as _world
}

test_an_owner_that_is_not_among_its_kind_is_missing if {
	owners.state(_reference("example.com/v1", "Team", "web", "1")) == "missing" with data.inventory as _world
}

test_an_owner_with_another_uid_is_another_one if {
	owners.state(_reference("example.com/v1", "Team", "db", "2")) == "other" with data.inventory as _world
}

test_an_owner_that_is_being_deleted_is_going if {
	owners.state(_reference("example.com/v1", "Team", "old", "1")) == "going" with data.inventory as _world
}

test_an_owner_of_a_kind_that_lives_in_namespaces_is_refused if {
	owners.state(_reference("apps/v1", "Deployment", "db", "1")) == "refused" with data.inventory as _world
}

test_what_nobody_showed_is_unknown if {
	owners.state(_reference("example.org/v1", "Team", "db", "1")) == "unknown" with data.inventory as _world
	owners.state(_reference("v1", "Team", "db", "1")) == "unknown" with data.inventory as _world
	owners.state(_reference("example.com/v1", "Team", "written", "1")) == "unknown" with data.inventory as _world
	owners.state(_reference("example.com/v1", "Team", "db", "1")) == "unknown" with data.inventory as {}
}

test_a_reference_without_uid_proves_nothing if {
	owners.state({"apiVersion": "example.com/v1", "kind": "Team", "name": "db"}) == "unknown" with data.inventory as _world
}

test_kinds_are_named_with_their_group if {
	owners.kind({"apiVersion": "example.com/v1", "kind": "Team"}) == "example.com/Team"
	owners.kind({"apiVersion": "v1", "kind": "Node"}) == "/Node"
}

_reference(version, kind, name, uid) := {"apiVersion": version, "kind": kind, "name": name, "uid": uid}

_world := {
	"cluster": {
		"example.com/v1": {"Team": {
			"db": {"metadata": {"name": "db", "uid": "1"}},
			"old": {"metadata": {"name": "old", "uid": "1", "deletionTimestamp": "2026-01-01T00:00:00Z"}},
			"written": {"metadata": {"name": "written"}},
		}},
		"v1": {"Namespace": {"shop": {"metadata": {"name": "shop"}}}},
	},
	"namespace": {"shop": {"apps/v1": {"Deployment": {"db": {}}}}},
}
