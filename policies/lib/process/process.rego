# METADATA
# description: |
#   What a container runs, as far as its manifest tells: command, arguments and environment. What the image makes of
#   them is not known here.
package lib.process

import data.lib.engines
import data.lib.filepath

# METADATA
# description: Command and arguments, as far as they are lists.
words(container) := array.concat([word | some word in container.command], [word | some word in container.args])

# METADATA
# description: |
#   Command and arguments cut at spaces and at what a shell cuts at, for options inside of scripts.
tokens(container) := [token |
	some word in words(container)
	some token in regex.split(`[\s"';|&()]+`, word)
	token != ""
]

# METADATA
# description: |
#   Directories in which the engine keeps its data in this container: where its images do, and where environment or
#   options say.
directories(container, engine) := _usual(engine) | named_directories(container, engine)

# METADATA
# description: The data directories that environment or options name; empty where the image decides.
named_directories(container, engine) := union({_variables(container), _options(container), _arguments(container, engine)})

# METADATA
# description: |
#   The container serves nothing, although its image could: a client, a dump, a sentinel, a place to sleep.
client(container) if _program(words(container)[0]) in (_clients | {"sleep", "tail"})

# A script is a client's when it calls one, and neither a server nor another script that nobody showed.
client(container) if {
	_shell(container)
	called := _called(container)
	count(called & _clients) > 0
	count(called & _servers) == 0
	count({program | some program in called; endswith(program, ".sh")} - _clients) == 0
}

client(container) if {
	_shell(container)
	some word in words(container)
	regex.match(`^\s*(exec\s+)?(while\s+(true|:)\s*;?\s*do\s+)?(sleep|tail)(\s+[^\s;&|]+)+\s*(;\s*done\s*;?)?\s*$`, word)
}

client(container) if "--sentinel" in tokens(container)

_usual(engine) := {path | some path in engines.table[engine].paths}

_variables(container) := {filepath.clean(path) |
	some variable in container.env
	variable.name in engines.directory_variables
	some path in split(variable.value, ",")
}

_options(container) := {filepath.clean(path) |
	all := tokens(container)
	some i, token in all
	path := _value(token, all, i)
	startswith(path, "/")
}

_value(token, all, i) := all[i + 1] if {
	token in engines.directory_options
} else := parts[1] if {
	parts := split(token, "=")
	parts[0] in engines.directory_options
}

# minio names its directories without an option.
_arguments(container, engine) := {filepath.clean(path) |
	engine == "minio"
	some path in tokens(container)
	startswith(path, "/")
}

_shell(container) if _program(words(container)[0]) in {"ash", "bash", "dash", "sh", "zsh"}

# The programs that a shell would run: at the start of a line, after a separator, behind keywords and assignments.
_called(container) := {_program(match[1]) |
	some word in words(container)
	some match in regex.find_all_string_submatch_n(
		`(?:^|[;&|(!\n])\s*(?:(?:do|else|exec|if|nohup|then|until|while|!|\w+=\S*)\s+)*([\w./-]+)`,
		word, -1,
	)
}

_program(path) := segments[count(segments) - 1] if {
	segments := split(path, "/")
}

# Programs that come in a server's image and keep no data of their own.
_clients := {
	"clickhouse-client", "cqlsh", "etcdctl", "etcdutl", "influx", "kafka-topics.sh", "mariadb", "mariadb-dump", "mc",
	"mongo", "mongodump", "mongorestore", "mongos", "mongosh", "mysql", "mysqladmin", "mysqldump", "nats", "nodetool",
	"pg_basebackup", "pg_dump", "pg_dumpall", "pg_isready", "pg_restore", "psql", "rabbitmqadmin", "rabbitmqctl",
	"redis-cli", "redis-sentinel", "sqlcmd", "valkey-cli", "valkey-sentinel", "zkCli.sh",
}

# Programs that serve, and those that start one as another user.
_servers := {
	"cassandra", "cockroach", "consul", "elasticsearch", "etcd", "gosu", "grafana-server", "influxd", "keydb-server",
	"mariadbd", "minio", "mongod", "mysqld", "mysqld_safe", "nats-server", "neo4j", "opensearch", "patroni", "pd-server",
	"postgres", "prometheus", "rabbitmq-server", "redis-server", "runuser", "scylla", "service", "sqlservr", "su",
	"su-exec", "tikv-server", "valkey-server", "vault",
}
