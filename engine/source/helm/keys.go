package helm

// key is a value that a line of a template reads.
type key struct {
	// path leads from the root's values.
	path []string
}
