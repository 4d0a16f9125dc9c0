# METADATA
# description: |
#   What guard knows of data engines, by the image that serves them. It is data on purpose: a new engine is a row.
#   Writers: "single" (one process may have the directory open), "member" (each replica has its own directory,
#   never shared), "many" (replicas may share one). Grace is the least number of seconds in which a clean stop is
#   usual. Copies says whether the engine itself can keep more than one copy of the data.
package lib.engines

# METADATA
# description: |
#   Engines by name: writers, grace (seconds), copies, paths (where their data lives inside the container).
table := {
	"postgres": {
		"writers": "single", "grace": 60, "copies": false,
		"paths": ["/var/lib/postgresql", "/var/lib/postgresql/data", "/home/postgres/pgdata", "/bitnami/postgresql"],
	},
	"mysql": {"writers": "single", "grace": 60, "copies": false, "paths": ["/var/lib/mysql", "/bitnami/mysql", "/bitnami/mariadb"]},
	"galera": {"writers": "member", "grace": 60, "copies": true, "paths": ["/var/lib/mysql", "/bitnami/mariadb"]},
	"mongodb": {"writers": "member", "grace": 60, "copies": true, "paths": ["/data/db", "/bitnami/mongodb"]},
	"redis": {"writers": "single", "grace": 30, "copies": false, "paths": ["/data", "/bitnami/redis/data", "/bitnami/valkey/data"]},
	"etcd": {"writers": "member", "grace": 30, "copies": true, "paths": ["/var/lib/etcd", "/bitnami/etcd"]},
	"zookeeper": {"writers": "member", "grace": 30, "copies": true, "paths": ["/data", "/datalog", "/bitnami/zookeeper"]},
	"kafka": {"writers": "member", "grace": 60, "copies": true, "paths": ["/var/lib/kafka", "/var/lib/kafka/data", "/bitnami/kafka"]},
	"rabbitmq": {"writers": "member", "grace": 300, "copies": true, "paths": ["/var/lib/rabbitmq", "/bitnami/rabbitmq/mnesia"]},
	"elasticsearch": {
		"writers": "member", "grace": 60, "copies": true,
		"paths": ["/usr/share/elasticsearch/data", "/usr/share/opensearch/data", "/bitnami/elasticsearch/data"],
	},
	"cassandra": {"writers": "member", "grace": 120, "copies": true, "paths": ["/var/lib/cassandra", "/var/lib/scylla", "/bitnami/cassandra"]},
	"clickhouse": {"writers": "member", "grace": 60, "copies": true, "paths": ["/var/lib/clickhouse", "/bitnami/clickhouse"]},
	"tidb": {"writers": "member", "grace": 60, "copies": true, "paths": ["/var/lib/tikv", "/var/lib/pd", "/data0"]},
	"cockroachdb": {"writers": "member", "grace": 60, "copies": true, "paths": ["/cockroach/cockroach-data"]},
	"yugabytedb": {"writers": "member", "grace": 60, "copies": true, "paths": ["/mnt/disk0", "/mnt/disk1"]},
	"minio": {"writers": "member", "grace": 30, "copies": true, "paths": ["/export", "/bitnami/minio/data"]},
	"consul": {"writers": "member", "grace": 30, "copies": true, "paths": ["/consul/data", "/bitnami/consul"]},
	"vault": {"writers": "member", "grace": 30, "copies": true, "paths": ["/vault/data", "/vault/file"]},
	"nats": {"writers": "member", "grace": 30, "copies": true, "paths": ["/data/jetstream"]},
	"neo4j": {"writers": "single", "grace": 60, "copies": false, "paths": ["/data"]},
	"influxdb": {"writers": "single", "grace": 30, "copies": false, "paths": ["/var/lib/influxdb", "/var/lib/influxdb2"]},
	"prometheus": {"writers": "single", "grace": 30, "copies": false, "paths": ["/prometheus"]},
	"grafana": {"writers": "single", "grace": 30, "copies": false, "paths": ["/var/lib/grafana"]},
	"gitea": {"writers": "single", "grace": 30, "copies": false, "paths": ["/var/lib/gitea"]},
	"registry": {"writers": "many", "grace": 30, "copies": false, "paths": ["/var/lib/registry"]},
	"jenkins": {"writers": "single", "grace": 30, "copies": false, "paths": ["/var/jenkins_home"]},
	"nexus": {"writers": "single", "grace": 30, "copies": false, "paths": ["/nexus-data"]},
}

# METADATA
# description: Every path at which some engine keeps its data.
paths contains path if {
	some row in table
	some path in row.paths
}

# METADATA
# description: The engine that an image serves; undefined for any other image, exporters and tools included.
of_image(image) := engine if {
	engine := _images[_basename(image)]
} else := engine if {
	some pattern, engine in _patterns
	regex.match(pattern, _basename(image))
}

_basename(image) := lower(split(split(name, "@")[0], ":")[0]) if {
	segments := split(image, "/")
	name := segments[count(segments) - 1]
}

_images := {
	"postgres": "postgres", "postgis": "postgres", "postgresql": "postgres", "postgresql-repmgr": "postgres",
	"pgvector": "postgres", "harbor-db": "postgres", "edb-postgres-advanced": "postgres",
	"mysql": "mysql", "mysql-server": "mysql", "mariadb": "mysql", "percona": "mysql", "percona-server": "mysql",
	"mongo": "mongodb", "mongodb": "mongodb", "percona-server-mongodb": "mongodb",
	"etcd": "etcd", "zookeeper": "zookeeper",
	"kafka": "kafka", "cp-kafka": "kafka", "cp-server": "kafka",
	"rabbitmq": "rabbitmq",
	"elasticsearch": "elasticsearch", "opensearch": "elasticsearch",
	"clickhouse-server": "clickhouse", "clickhouse": "clickhouse",
	"tikv": "tidb", "pd": "tidb", "tiflash": "tidb",
	"cockroach": "cockroachdb", "yugabyte": "yugabytedb",
	"minio": "minio", "consul": "consul", "vault": "vault", "nats": "nats", "nats-server": "nats",
	"neo4j": "neo4j", "influxdb": "influxdb", "prometheus": "prometheus", "grafana": "grafana", "gitea": "gitea",
	"registry": "registry", "jenkins": "jenkins", "nexus3": "nexus", "nexus": "nexus",
}

_patterns := {
	"^spilo": "postgres",
	"^timescaledb": "postgres",
	"^(redis|valkey|keydb|dragonfly)(-server|-stack|-stack-server|-cluster)?$": "redis",
	"(galera|xtradb)": "galera",
	"^(cassandra|scylla)(db)?$": "cassandra",
}
