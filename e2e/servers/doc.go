// Package servers pins what the end-to-end tests run, in a module of its own: building it takes minutes, and its go.sum
// is what the built binaries are cached by.
package servers
