package lib.engines_test

import data.lib.engines

test_an_image_is_known_by_its_name_whatever_stands_around_it if {
	every image in [
		"postgres",
		"postgres:16",
		"Postgres",
		"docker.io/library/postgres",
		"registry.example.com:5000/base/postgres:11.10-alpine",
		"postgres@sha256:a1cb95235623f0521f0d0795d27ad09d3639f88ba92302a2b3416e65b907337e",
		"localhost:5000/postgres:16@sha256:a1cb95235623f0521f0d0795d27ad09d3639f88ba92302a2b3416e65b907337e",
	] {
		engines.of_image(image) == "postgres"
	}
}

test_versions_builds_and_roles_change_nothing if {
	every image, engine in {
		"registry.example.com/rhel8/postgresql-13": "postgres",
		"centos/mysql-80-centos7": "mysql",
		"timescale/timescaledb-ha:pg17": "postgres",
		"goharbor/redis-photon": "redis",
		"example/valkey_server": "redis",
		"quay.io/coreos/etcd-amd64": "etcd",
		"docker.elastic.co/elasticsearch/elasticsearch-oss": "elasticsearch",
		"mongodb/mongodb-community-server": "mongodb",
		"sonatype/nexus3": "nexus",
		"hashicorp/vault-enterprise": "vault",
		"percona/percona-server": "mysql",
	} {
		engines.of_image(image) == engine
	}
}

test_images_that_cannot_run_alone_are_engines_of_their_own if {
	every image, engine in {
		"ghcr.io/zalando/spilo-17": "postgres-ha",
		"bitnami/postgresql-repmgr": "postgres-ha",
		"bitnami/redis-cluster": "redis-cluster",
		"percona/percona-xtradb-cluster": "galera",
		"bitnami/mariadb-galera": "galera",
	} {
		engines.of_image(image) == engine
		engines.table[engine].copies
	}
}

test_an_image_whose_name_says_nothing_is_known_by_its_folder if {
	engines.of_image("mcr.microsoft.com/mssql/server:2022-latest") == "mssql"
	engines.of_image("container-registry.oracle.com/database/free") == "oracle"
	not engines.of_image("example/server")
}

test_exporters_operators_and_tools_are_no_engines if {
	every image in [
		"prom/mysqld-exporter", "bitnami/postgres-exporter", "oliver006/redis_exporter", "kbudde/rabbitmq-exporter",
		"percona/percona-xtradb-cluster-operator", "ghcr.io/zalando/postgres-operator", "clickhouse-operator",
		"mysql/mysql-router", "ghcr.io/zalando/postgres-operator/pgbouncer", "bitnami/redis-sentinel",
		"hashicorp/vault-k8s", "hashicorp/consul-dataplane", "minio/mc", "natsio/nats-box", "docker.io/bitnami/kafka-exporter",
		"confluentinc/cp-schema-registry", "jenkins/inbound-agent", "goharbor/harbor-registryctl", "xtrabackup",
		"mirrorgooglecontainers/fluentd-elasticsearch", "quay.io/prometheus-operator/prometheus-config-reloader", "nginx",
	] {
		not engines.of_image(image)
	}
}

test_what_is_no_image_serves_nothing if {
	every image in ["", "${IMAGE}", "/", ":", null, 1, ["postgres"], {}] {
		not engines.of_image(image)
	}
}

test_every_image_has_a_row if {
	every engine in {engine | some engine in engines._images} | {engine | some engine in engines._repositories} {
		engines.table[engine]
	}
}

test_every_row_has_an_image_and_is_complete if {
	every name, row in engines.table {
		name in ({engine | some engine in engines._images} | {engine | some engine in engines._repositories})
		row.writers in {"single", "member", "many"}
		row.grace >= 30
		is_boolean(row.copies)
		count(row.paths) > 0
		every path in row.paths {
			regex.match(`^(/[^/]+)+$`, path)
		}
	}
}

# A member without a copy of the others' data would be a server alone.
test_members_keep_copies if {
	every row in engines.table {
		member := row.writers == "member"
		row.copies == member
	}
}

test_the_paths_are_those_of_all_engines if {
	{"/var/lib/mysql", "/var/lib/postgresql/data", "/nexus-data"} & engines.paths == {"/var/lib/mysql", "/var/lib/postgresql/data", "/nexus-data"}
	not "/var/lib" in engines.paths
}
