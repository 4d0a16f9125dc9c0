# METADATA
# description: |
#   What guard knows of data engines, by the image that serves them. It is data on purpose: a new engine is a row.
#   Writers: "single" (one process may have the directory open), "member" (each replica has its own directory,
#   never shared), "many" (replicas may share one). Grace is the least number of seconds in which a clean stop is
#   usual. Copies says whether the engine itself keeps more than one copy of the data when it has several members.
package lib.engines

# METADATA
# description: |
#   Engines by name: writers, grace (seconds), copies, paths (where their data lives inside the container).
table := {
	"postgres": {
		"writers": "single", "grace": 60, "copies": false,
		"paths": [
			"/var/lib/postgresql", "/var/lib/postgresql/data", "/var/lib/postgresql/18/docker", "/var/lib/pgsql", "/var/lib/pgsql/data",
			"/home/postgres/pgdata", "/pgdata", "/bitnami/postgresql",
		],
	},
	# Images that cannot run without Patroni, repmgr or Stolon: each pod has a copy.
	"postgres-ha": {
		"writers": "member", "grace": 60, "copies": true,
		"paths": ["/home/postgres/pgdata", "/pgdata", "/stolon-data", "/bitnami/postgresql"],
	},
	"mysql": {"writers": "single", "grace": 60, "copies": false, "paths": ["/var/lib/mysql", "/bitnami/mysql", "/bitnami/mariadb"]},
	"galera": {"writers": "member", "grace": 60, "copies": true, "paths": ["/var/lib/mysql", "/bitnami/mariadb"]},
	"mssql": {"writers": "single", "grace": 60, "copies": false, "paths": ["/var/opt/mssql", "/var/opt/mssql/data"]},
	"oracle": {"writers": "single", "grace": 60, "copies": false, "paths": ["/opt/oracle/oradata"]},
	"opengauss": {"writers": "single", "grace": 60, "copies": false, "paths": ["/var/lib/opengauss"]},
	"mongodb": {"writers": "member", "grace": 60, "copies": true, "paths": ["/data/db", "/var/lib/mongodb", "/bitnami/mongodb"]},
	"redis": {"writers": "single", "grace": 30, "copies": false, "paths": ["/data", "/var/lib/redis", "/bitnami/redis/data", "/bitnami/valkey/data"]},
	"redis-cluster": {"writers": "member", "grace": 30, "copies": true, "paths": ["/data", "/bitnami/redis/data", "/bitnami/valkey/data"]},
	"etcd": {"writers": "member", "grace": 30, "copies": true, "paths": ["/var/lib/etcd", "/bitnami/etcd"]},
	"zookeeper": {"writers": "member", "grace": 30, "copies": true, "paths": ["/data", "/datalog", "/var/lib/zookeeper", "/bitnami/zookeeper"]},
	"kafka": {"writers": "member", "grace": 60, "copies": true, "paths": ["/var/lib/kafka", "/var/lib/kafka/data", "/bitnami/kafka"]},
	"rocketmq": {"writers": "single", "grace": 60, "copies": false, "paths": ["/home/rocketmq/store"]},
	"rabbitmq": {"writers": "member", "grace": 300, "copies": true, "paths": ["/var/lib/rabbitmq", "/bitnami/rabbitmq/mnesia"]},
	"elasticsearch": {
		"writers": "member", "grace": 60, "copies": true,
		"paths": ["/usr/share/elasticsearch/data", "/usr/share/opensearch/data", "/bitnami/elasticsearch/data", "/bitnami/opensearch/data"],
	},
	"solr": {"writers": "member", "grace": 60, "copies": true, "paths": ["/var/solr", "/bitnami/solr"]},
	"cassandra": {"writers": "member", "grace": 120, "copies": true, "paths": ["/var/lib/cassandra", "/var/lib/scylla", "/bitnami/cassandra"]},
	"clickhouse": {
		"writers": "member", "grace": 60, "copies": true,
		"paths": ["/var/lib/clickhouse", "/var/lib/clickhouse-keeper", "/bitnami/clickhouse"],
	},
	"tidb": {"writers": "member", "grace": 60, "copies": true, "paths": ["/var/lib/tikv", "/var/lib/pd", "/data0"]},
	"cockroachdb": {"writers": "member", "grace": 60, "copies": true, "paths": ["/cockroach/cockroach-data"]},
	"yugabytedb": {"writers": "member", "grace": 60, "copies": true, "paths": ["/mnt/disk0", "/mnt/disk1"]},
	"tdengine": {"writers": "member", "grace": 60, "copies": true, "paths": ["/var/lib/taos"]},
	"couchdb": {"writers": "member", "grace": 30, "copies": true, "paths": ["/opt/couchdb/data", "/bitnami/couchdb"]},
	"couchbase": {"writers": "member", "grace": 60, "copies": true, "paths": ["/opt/couchbase/var"]},
	"arangodb": {"writers": "member", "grace": 60, "copies": true, "paths": ["/var/lib/arangodb3"]},
	"qdrant": {"writers": "member", "grace": 30, "copies": true, "paths": ["/qdrant/storage"]},
	"minio": {"writers": "member", "grace": 30, "copies": true, "paths": ["/export", "/data", "/bitnami/minio/data"]},
	"consul": {"writers": "member", "grace": 30, "copies": true, "paths": ["/consul/data", "/bitnami/consul"]},
	"vault": {"writers": "member", "grace": 30, "copies": true, "paths": ["/vault/data", "/vault/file", "/openbao/data"]},
	"nats": {"writers": "member", "grace": 30, "copies": true, "paths": ["/data/jetstream"]},
	"neo4j": {"writers": "single", "grace": 60, "copies": false, "paths": ["/data"]},
	"influxdb": {"writers": "single", "grace": 30, "copies": false, "paths": ["/var/lib/influxdb", "/var/lib/influxdb2"]},
	"prometheus": {"writers": "single", "grace": 30, "copies": false, "paths": ["/prometheus"]},
	"grafana": {"writers": "single", "grace": 30, "copies": false, "paths": ["/var/lib/grafana"]},
	"gitea": {"writers": "single", "grace": 30, "copies": false, "paths": ["/var/lib/gitea", "/data"]},
	"gitlab": {"writers": "single", "grace": 60, "copies": false, "paths": ["/var/opt/gitlab"]},
	"openldap": {"writers": "single", "grace": 30, "copies": false, "paths": ["/var/lib/ldap", "/bitnami/openldap"]},
	"registry": {"writers": "many", "grace": 30, "copies": false, "paths": ["/var/lib/registry"]},
	"jenkins": {"writers": "single", "grace": 30, "copies": false, "paths": ["/var/jenkins_home", "/bitnami/jenkins/home"]},
	"nexus": {"writers": "single", "grace": 30, "copies": false, "paths": ["/nexus-data"]},
	"splunk": {"writers": "single", "grace": 60, "copies": false, "paths": ["/opt/splunk/var"]},
	"artifactory": {"writers": "single", "grace": 60, "copies": false, "paths": ["/var/opt/jfrog/artifactory"]},
}

# METADATA
# description: Every path at which some engine keeps its data.
paths contains path if {
	some row in table
	some path in row.paths
}

# METADATA
# description: Environment variables that name a data directory.
directory_variables := {
	"ETCD_DATA_DIR", "GF_PATHS_DATA", "JENKINS_HOME", "KAFKA_LOG_DIRS", "PGDATA", "POSTGRESQL_DATA_DIR",
	"POSTGRESQL_VOLUME_DIR", "RABBITMQ_MNESIA_BASE", "ZOO_DATA_DIR",
}

# METADATA
# description: Options that name a data directory, as "--option=value" or followed by the value.
directory_options := {"-D", "-data-dir", "--data-dir", "--datadir", "--dbpath", "--dir", "--path.data", "--storage.tsdb.path", "--store"}

# METADATA
# description: |
#   The engine that an image serves; undefined for any other image, exporters, operators and tools included. The
#   name has to be known as a whole: "percona-xtradb-cluster-operator" is no database.
of_image(image) := engine if {
	engine := _known(image)
	engine != ""
}

# Total, so that an image that is no engine is looked up once as well.
_known(image) := engine if {
	engine := _repositories[_repository(image)]
} else := engine if {
	engine := _images[_basename(image)]
} else := engine if {
	engine := _images[_plain(_basename(image))]
} else := ""

# The last two segments, for images whose last one says nothing.
_repository(image) := sprintf("%s/%s", [segments[count(segments) - 2], _basename(image)]) if {
	is_string(image)
	segments := split(lower(image), "/")
	count(segments) > 1
}

_basename(image) := split(split(name, "@")[0], ":")[0] if {
	is_string(image)
	segments := split(lower(image), "/")
	name := segments[count(segments) - 1]
}

# The name without the words that change nothing: versions, builds, roles.
_plain(name) := concat("-", [word |
	some part in split(replace(replace(name, "_", "-"), ".", "-"), "-")
	word := trim_right(part, "0123456789")
	not word in _neutral
])

_neutral := {
	"", "alpine", "amd", "arm", "ce", "centos", "cluster", "community", "custom", "db", "debian", "ee", "el", "ent",
	"enterprise", "fips", "follower", "ha", "leader", "lts", "master", "official", "oss", "photon", "primary",
	"replica", "rhel", "server", "slave", "standalone", "ubi", "ubuntu", "v",
}

_repositories := {
	"couchbase/server": "couchbase",
	"database/enterprise": "oracle", "database/express": "oracle", "database/free": "oracle",
	"mssql/server": "mssql",
}

_images := {
	"postgres": "postgres", "postgis": "postgres", "postgresql": "postgres", "pgvector": "postgres",
	"harbor-db": "postgres", "edb-postgres-advanced": "postgres", "percona-distribution-postgresql": "postgres",
	"citus": "postgres", "timescaledb": "postgres", "timescaledb-postgis": "postgres",
	"spilo": "postgres-ha", "spilo-cdp": "postgres-ha", "postgresql-repmgr": "postgres-ha", "stolon": "postgres-ha",
	"crunchy-postgres": "postgres-ha", "crunchy-postgres-gis": "postgres-ha",
	"mysql": "mysql", "nacos-mysql": "mysql", "mariadb": "mysql", "percona": "mysql",
	"galera": "galera", "mariadb-galera": "galera", "mysql-galera": "galera", "percona-xtradb": "galera", "pxc": "galera",
	"mssql": "mssql", "mssql-server-linux": "mssql", "oracle-free": "oracle", "oracle-xe": "oracle",
	"opengauss": "opengauss",
	"mongo": "mongodb", "mongodb": "mongodb", "mongodb-sharded": "mongodb", "percona-server-mongodb": "mongodb",
	"redis": "redis", "redis-stack": "redis", "valkey": "redis", "keydb": "redis", "dragonfly": "redis",
	"redis-cluster": "redis-cluster", "valkey-cluster": "redis-cluster",
	"etcd": "etcd",
	"zookeeper": "zookeeper", "cp-zookeeper": "zookeeper", "kubernetes-zookeeper": "zookeeper",
	"kafka": "kafka", "kafka-native": "kafka", "cp-kafka": "kafka", "cp-server": "kafka", "cp-enterprise-kafka": "kafka",
	"rocketmq": "rocketmq", "rabbitmq": "rabbitmq",
	"elasticsearch": "elasticsearch", "opensearch": "elasticsearch", "opendistro-for-elasticsearch": "elasticsearch",
	"solr": "solr",
	"cassandra": "cassandra", "cass-management-api": "cassandra", "dse-server": "cassandra",
	"scylla": "cassandra", "scylladb": "cassandra",
	"clickhouse": "clickhouse", "clickhouse-keeper": "clickhouse",
	"tikv": "tidb", "pd": "tidb", "tiflash": "tidb",
	"cockroach": "cockroachdb", "cockroachdb": "cockroachdb", "yugabyte": "yugabytedb",
	"tdengine": "tdengine", "couchdb": "couchdb", "couchbase": "couchbase", "arangodb": "arangodb", "qdrant": "qdrant",
	"minio": "minio", "consul": "consul", "vault": "vault", "openbao": "vault", "nats": "nats",
	"neo4j": "neo4j", "influxdb": "influxdb", "prometheus": "prometheus", "grafana": "grafana",
	"gitea": "gitea", "forgejo": "gitea", "gitlab": "gitlab", "openldap": "openldap",
	"registry": "registry", "splunk": "splunk", "jenkins": "jenkins", "nexus": "nexus",
	"artifactory": "artifactory", "artifactory-jcr": "artifactory", "artifactory-pro": "artifactory",
}
