package lib.process_test

import data.lib.process

test_words_are_command_and_arguments if {
	process.words({"command": ["a"], "args": ["b", "c"]}) == ["a", "b", "c"]
}

test_what_is_no_list_has_no_words if {
	every container in [{}, {"command": null, "args": null}, {"command": "a"}, {"args": {}}, null, "a"] {
		process.words(container) == []
	}
}

test_tokens_are_cut_out_of_scripts if {
	process.tokens({"command": ["sh", "-c", `minio server "/data" && true; (x)`]}) == ["sh", "-c", "minio", "server", "/data", "true", "x"]
}

test_a_server_is_no_client if {
	every container in [
		{},
		{"args": ["--datadir=/x", "--innodb-buffer-pool-dump-at-shutdown=1"]},
		{"args": ["redis-server", "--dbfilename", "dump.rdb"]},
		{"command": ["docker-entrypoint.sh", "mysqld"]},
		{"command": ["/bin/bash"], "args": ["-c", "/opt/bitnami/scripts/start-scripts/start-master.sh"]},
		{"command": ["bash", "-c", "until mysqladmin ping; do sleep 1; done; exec mysqld"]},
		{"command": ["sh", "-ec", "PGPASSWORD=x psql -c 'select 1' || true\nexec gosu postgres postgres"]},
		{"command": ["sh", "-c", "redis-cli config set save '' & exec /entrypoint.sh"]},
		{"command": ["sh", "-c", "sleep 5; ./start"]},
		{"command": ["sh", "-c", "service mysql start && tail -f /var/log/mysql.log"]},
		{"command": ["sh", "-c", "cp /tmp/a /etc && minio server /data"]},
	] {
		not process.client(container)
	}
}

test_a_client_is_one if {
	every container in [
		{"command": ["psql", "-h", "db"]},
		{"command": ["/usr/bin/pg_dump"]},
		{"args": ["mongosh", "mongodb://db"]},
		{"command": ["mongos", "--configdb", "cfg/a:27017"]},
		{"command": ["sleep", "infinity"]},
		{"command": ["tail", "-f", "/dev/null"]},
		{"command": ["sh", "-c", "sleep infinity"]},
		{"command": ["bash", "-c", "while true; do sleep 3600; done"]},
		{"command": ["/bin/sh", "-c", "exec tail -f /dev/null"]},
		{"command": ["sh", "-c", "pg_dump -h postgres shop > /backup/shop.sql"]},
		{"command": ["sh", "-c", "while true; do\n  mysqldump --all-databases | gzip > /backup/all.gz\n  sleep 3600\ndone"]},
		{"command": ["sh", "-c", "echo ruok | zkCli.sh"]},
		{"command": ["redis-sentinel", "/etc/sentinel.conf"]},
		{"command": ["redis-server", "/etc/sentinel.conf", "--sentinel"]},
		{"command": ["sh", "-c", "redis-server /etc/sentinel.conf --sentinel"]},
	] {
		process.client(container)
	}
}

test_words_of_a_wrong_type_are_no_client if {
	every container in [{"command": [1]}, {"command": [null, "psql"]}, {"command": ["sh", 1]}] {
		not process.client(container)
	}
}

test_an_engine_keeps_its_data_where_its_images_do if {
	process.directories({}, "etcd") == {"/var/lib/etcd", "/bitnami/etcd"}
	process.directories({"env": null, "args": null}, "etcd") == {"/var/lib/etcd", "/bitnami/etcd"}
}

test_an_engine_that_nobody_knows_keeps_nothing if {
	process.directories({}, "unknown") == set()
}

test_the_environment_names_directories if {
	"/srv/pg" in process.directories({"env": [{"name": "PGDATA", "value": "/srv/pg/"}]}, "postgres")
	{"/a", "/b"} & process.directories({"env": [{"name": "KAFKA_LOG_DIRS", "value": "/a,/b"}]}, "kafka") == {"/a", "/b"}
	not "/x" in process.directories({"env": [{"name": "HOME", "value": "/x"}, {"name": "PGDATA", "valueFrom": {}}]}, "postgres")
}

test_options_name_directories if {
	"/srv/db" in process.directories({"args": ["--datadir=/srv/db"]}, "mysql")
	"/srv/db" in process.directories({"args": ["mysqld", "--datadir", "/srv/db"]}, "mysql")
	"/srv/db" in process.directories({"command": ["sh", "-c", "exec mongod --dbpath /srv/db"]}, "mongodb")
	not "/srv" in process.directories({"args": ["--tmpdir=/srv"]}, "mysql")
	not "db" in process.directories({"args": ["--dir", "db"]}, "redis")
	process.directories({"args": ["--dir"]}, "etcd") == process.directories({}, "etcd")
}

test_minio_names_its_directories_as_arguments if {
	"/storage" in process.directories({"args": ["server", "/storage"]}, "minio")
	not "/storage" in process.directories({"args": ["server", "/storage"]}, "etcd")
}
