package lib.cloud_test

import data.lib.cloud

test_each_family_deletes_what_it_stands_for_by_default if {
	expected := {
		"rds.aws.upbound.io/Instance": "its deletionPolicy is Delete, so what it stands for in the cloud goes with it",
		"rds.services.k8s.aws/DBInstance": "its annotation services.k8s.aws/deletion-policy is not set, which means delete, so what it stands for in the cloud goes with it",
		"sql.cnrm.cloud.google.com/SQLInstance": "its annotation cnrm.cloud.google.com/deletion-policy is not set, which means delete, so what it stands for in the cloud goes with it",
		"sql.azure.com/Server": "its annotation serviceoperator.azure.com/reconcile-policy is not set, which means manage, so what it stands for in the cloud goes with it",
	}
	every kind, text in expected {
		cloud.end({}, kind).text == text
	}
}

test_each_family_can_keep_it if {
	not cloud.end({"spec": {"deletionPolicy": "Orphan"}}, "database.aws.crossplane.io/RDSInstance")
	not cloud.end({"spec": {"managementPolicies": ["Observe", "Create"]}}, "rds.aws.upbound.io/Instance")
	not cloud.end({"metadata": {"annotations": {"services.k8s.aws/deletion-policy": "retain"}}}, "rds.services.k8s.aws/DBInstance")
	not cloud.end({"metadata": {"annotations": {"cnrm.cloud.google.com/deletion-policy": "abandon"}}}, "sql.cnrm.cloud.google.com/SQLInstance")
	not cloud.end({"metadata": {"annotations": {"serviceoperator.azure.com/reconcile-policy": "detach-on-delete"}}}, "sql.azure.com/Server")
}

test_a_value_that_is_written_is_told if {
	end := cloud.end({"metadata": {"annotations": {"cnrm.cloud.google.com/deletion-policy": "delete"}}}, "sql.cnrm.cloud.google.com/SQLInstance")
	startswith(end.text, "its annotation cnrm.cloud.google.com/deletion-policy is delete, so")
	end.field == "/metadata/annotations/cnrm.cloud.google.com~1deletion-policy"
}

test_management_policies_that_say_delete_win_over_orphan if {
	end := cloud.end({"spec": {"deletionPolicy": "Orphan", "managementPolicies": ["Observe", "Delete"]}}, "rds.aws.upbound.io/Instance")
	end.field == "/spec/managementPolicies"
}

test_a_namespace_can_keep_what_ack_made if {
	table := {"metadata": {"name": "orders", "namespace": "shop"}}
	not cloud.end(table, "dynamodb.services.k8s.aws/Table") with data.inventory.cluster.v1.Namespace.shop as {"metadata": {"annotations": {"dynamodb.services.k8s.aws/deletion-policy": "retain"}}}
}

test_what_the_cloud_refuses_to_delete_stays if {
	not cloud.end({"spec": {"forProvider": {"deletionProtection": true}}}, "rds.aws.upbound.io/Instance")
}

test_other_kinds_have_no_end if {
	not cloud.end({}, "ec2.aws.upbound.io/Instance")
	not cloud.end({}, "s3.aws.upbound.io/Bucket")
}
