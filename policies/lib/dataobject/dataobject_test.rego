package lib.dataobject_test

import data.lib.dataobject

test_each_has_a_word if {
	expected := {
		"claim": {"apiVersion": "v1", "kind": "PersistentVolumeClaim"},
		"volume": {"apiVersion": "v1", "kind": "PersistentVolume"},
		"namespace": {"apiVersion": "v1", "kind": "Namespace"},
		"definition of a data resource": _definition("postgresql.cnpg.io", "Cluster"),
		"StatefulSet with claims": {"apiVersion": "apps/v1", "kind": "StatefulSet", "spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}},
		"data resource": {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster"},
		"identity": {"apiVersion": "v1", "kind": "Secret", "metadata": {"annotations": {"data-guard.dev/identity": "true"}}},
	}
	every word, obj in expected {
		dataobject.word(obj) == word
		dataobject.is(obj)
	}
}

test_others_are_none if {
	every obj in [
		{},
		{"apiVersion": "v1", "kind": "Pod"},
		{"apiVersion": "v1", "kind": "Secret"},
		{"apiVersion": "v1", "kind": "Secret", "metadata": {"annotations": {"data-guard.dev/identity": "false"}}},
		{"apiVersion": "apps/v1", "kind": "StatefulSet"},
		{"apiVersion": "example.com/v1", "kind": "Namespace"},
		_definition("postgresql.cnpg.io", "ScheduledBackup"),
		_definition("example.com", "Cluster"),
		{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"},
	] {
		not dataobject.is(obj)
	}
}

test_what_may_be_lost_is_none if {
	lost := {"labels": {"data-guard.dev/data": "false"}}
	every obj in [
		{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": lost},
		{"apiVersion": "v1", "kind": "PersistentVolume", "metadata": lost},
		{"apiVersion": "v1", "kind": "Namespace", "metadata": {"labels": {"data-guard.dev/env": "ci"}}},
	] {
		not dataobject.is(obj)
	}
	dataobject.is({"apiVersion": "v1", "kind": "Namespace", "metadata": {"labels": {"data-guard.dev/env": "ci", "data-guard.dev/data": "true"}}})
}

_definition(group, kind) := {
	"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
	"spec": {"group": group, "names": {"kind": kind}},
}
