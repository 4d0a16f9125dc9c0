# METADATA
# description: |
#   Paths as Kubernetes compares them: absolute, without trailing slash, double slashes and "." steps. Steps ".." stay:
#   the API server refuses them in hostPath, subPath and local volumes.
package lib.filepath

# METADATA
# description: The path in its shortest form; undefined for what is no string.
clean(path) := sprintf("/%s", [trim(regex.replace(sprintf("/%s/", [path]), `/(\.?/)+`, "/"), "/")]) if {
	is_string(path)
}

# METADATA
# description: The path of a step below a directory.
join(dir, path) := clean(sprintf("%s/%s", [dir, path]))

# METADATA
# description: |
#   Both are the same clean path, or the second lies somewhere below the first.
covers(dir, path) if dir in {path, "/"}

covers(dir, path) if startswith(path, sprintf("%s/", [dir]))

# METADATA
# description: The clean path and every directory above it, the root included.
ancestors(path) := {clean(concat("/", array.slice(steps, 0, i + 1))) |
	steps := split(path, "/")
	some i, _ in steps
}
