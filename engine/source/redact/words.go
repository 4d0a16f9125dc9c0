package redact

import (
	"regexp"
	"slices"
	"strings"
)

// mark stands for a word. It is a word to a shell, and to the policies a program that they do not know.
const mark = "redacted"

// What policies/lib/process, policies/lib/engines and policies/lib/workload look for in a container; a test holds these
// to the Rego.

var directoryVariables = []string{ //nolint:gochecknoglobals // a table
	"ETCD_DATA_DIR", "GF_PATHS_DATA", "JENKINS_HOME", "KAFKA_LOG_DIRS", "PGDATA", "POSTGRESQL_DATA_DIR",
	"POSTGRESQL_VOLUME_DIR", "RABBITMQ_MNESIA_BASE", "ZOO_DATA_DIR",
}

var directoryOptions = []string{"-D", "-data-dir", "--data-dir", "--datadir", "--dbpath", "--dir", "--path.data", "--storage.tsdb.path", "--store"} //nolint:gochecknoglobals // a table

var programs = []string{ //nolint:gochecknoglobals // a table
	// Clients.
	"clickhouse-client", "cqlsh", "etcdctl", "etcdutl", "influx", "kafka-topics.sh", "mariadb", "mariadb-dump", "mc",
	"mongo", "mongodump", "mongorestore", "mongos", "mongosh", "mysql", "mysqladmin", "mysqldump", "nats", "nodetool",
	"pg_basebackup", "pg_dump", "pg_dumpall", "pg_isready", "pg_restore", "psql", "rabbitmqadmin", "rabbitmqctl",
	"redis-cli", "redis-sentinel", "sqlcmd", "valkey-cli", "valkey-sentinel", "zkCli.sh",
	// Servers.
	"cassandra", "cockroach", "consul", "elasticsearch", "etcd", "gosu", "grafana-server", "influxd", "keydb-server",
	"mariadbd", "minio", "mongod", "mysqld", "mysqld_safe", "nats-server", "neo4j", "opensearch", "patroni", "pd-server",
	"postgres", "prometheus", "rabbitmq-server", "redis-server", "runuser", "scylla", "service", "sqlservr", "su",
	"su-exec", "tikv-server", "valkey-server", "vault",
	// Shells, and what they wait with.
	"ash", "bash", "dash", "sh", "zsh", "sleep", "tail",
}

// shellWords are what scripts are made of, and the options with which shells are given one.
var shellWords = []string{"do", "done", "else", "exec", "if", "fi", "nohup", "then", "until", "while", "true", ":", "-c", "-e", "-ec", "-ce", "-x", "--sentinel"} //nolint:gochecknoglobals // a table

// signs are parts of words by which a server is known to copy its data.
var signs = []string{"cluster-enabled", "group_replication", "group-replication", "gtid", "replicaof", "sentinel", "slaveof"} //nolint:gochecknoglobals // a table

var (
	// word is what policies cut commands into.
	word = regexp.MustCompile(`[^\s"';|&()]+`)
	// program is where a word may begin with the path of one.
	program = regexp.MustCompile(`^[\w./-]+`)
	// variable is an assignment before a command.
	variable = regexp.MustCompile(`^\w+=`)
	// usual are folders in which programs are.
	usual = regexp.MustCompile(`^/?((usr|local|bin|sbin|opt|bitnami|scripts)/)*$`)
)

// words hides a command, a list of arguments or a script of a container; anything else is hidden whole.
func (w walker) words(container map[string]any, key string, value any) any {
	r := reader{minio: strings.Contains(strings.ToLower(text(container["image"])), "minio")}
	if command, ok := container["command"].([]any); ok && key == "args" && len(command) > 0 {
		// Arguments go on where the command ends.
		r.script(text(command[len(command)-1]))
	}
	switch v := value.(type) {
	case string:
		return r.script(v)
	case []any:
		kept := make([]any, len(v))
		for i, item := range v {
			if s, ok := item.(string); ok {
				kept[i] = r.script(s)
			} else {
				kept[i] = w.value("", w.commands(item))
			}
		}
		return kept
	default:
		return v
	}
}

// commands are maps in a list that is called a command; a custom resource may do so.
func (w walker) commands(item any) any {
	if _, ok := item.(map[string]any); ok {
		return item
	}
	return w.hidden(item)
}

// reader reads the words of one command in their order.
type reader struct {
	// before is the word before; minio says that arguments may be directories.
	before string
	minio  bool
}

func (r *reader) script(s string) string {
	return word.ReplaceAllStringFunc(s, func(token string) string {
		shown := r.shown(token)
		r.before = token
		return shown
	})
}

func (r *reader) shown(token string) string {
	option, value, assigns := strings.Cut(token, "=")
	switch path := strings.HasPrefix(token, "/"); {
	case slices.Contains(directoryOptions, r.before) && path, r.minio && path:
		return token
	case slices.Contains(directoryOptions, token), slices.Contains(shellWords, token), slices.Contains(programs, token):
		return token
	case assigns && slices.Contains(directoryOptions, option) && strings.HasPrefix(value, "/"):
		return token
	case assigns && slices.Contains(directoryOptions, option):
		return option + "=" + mark
	case assigns && strings.TrimLeft(option, "-") == "csi-address":
		return option + "=" + mark
	}
	parts := strings.Split(token, "!")
	for i, part := range parts {
		parts[i] = hideWord(part)
	}
	return strings.Join(parts, "!")
}

// hideWord leaves of a word what policies know a program by: its name, that it is a script, signs; and that the word is an
// assignment. The comma ends what may be a program.
func hideWord(token string) string {
	if token == "" {
		return ""
	}
	run := program.FindString(token)
	shown := hideProgram(run)
	if run != token && variable.MatchString(token) {
		shown += "=" + mark
	} else if run != token && shown != mark {
		shown += "," + mark
	}
	for _, sign := range signs {
		if strings.Contains(strings.ToLower(token), sign) && !strings.Contains(shown, sign) {
			shown += "," + sign
		}
	}
	if last := base(token); run != token && strings.Contains(token, "/") && slices.Contains(programs, last) {
		shown += ",/" + last
	}
	return shown
}

func hideProgram(path string) string {
	name := base(path)
	switch {
	case slices.Contains(programs, name):
		if folder := strings.TrimSuffix(path, name); usual.MatchString(folder) {
			return path
		}
		return mark + "/" + name
	case strings.HasSuffix(name, ".sh"):
		return mark + ".sh"
	default:
		return mark
	}
}

func base(path string) string { return path[strings.LastIndex(path, "/")+1:] }
