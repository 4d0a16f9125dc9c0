package lib.filepath_test

import data.lib.filepath

test_a_path_has_one_spelling if {
	every written, path in {
		"/": "/",
		"": "/",
		"//var///lib/": "/var/lib",
		"/var/./lib/.": "/var/lib",
		"var/lib": "/var/lib",
		"/a/../b": "/a/../b",
	} {
		filepath.clean(written) == path
	}
}

test_what_is_no_string_has_no_path if {
	not filepath.clean(null)
	not filepath.clean(["/"])
}

test_a_step_below_a_directory if {
	filepath.join("/", "var/log/") == "/var/log"
	filepath.join("/var/", "/log") == "/var/log"
	filepath.join("/var", "") == "/var"
}

test_a_directory_covers_itself_and_what_is_below if {
	filepath.covers("/var/lib", "/var/lib")
	filepath.covers("/var", "/var/lib")
	filepath.covers("/", "/var/lib")
	filepath.covers("/", "/")
}

test_a_directory_covers_no_parent_and_no_namesake if {
	not filepath.covers("/var/lib", "/var")
	not filepath.covers("/var/lib", "/var/libexec")
}

test_a_path_and_all_directories_above_it if {
	filepath.ancestors("/var/lib/db") == {"/", "/var", "/var/lib", "/var/lib/db"}
	filepath.ancestors("/") == {"/"}
}
