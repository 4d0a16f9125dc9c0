package config

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// SpeakFor lets the file speak for a further folder than its own, with the same relative paths: a copy of the tree that
// it stands in, such as the other side of a change. The folder need not exist.
func (c *Config) SpeakFor(folder string) error {
	root, err := filepath.Abs(folder)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	root = physical(root)
	if !slices.Contains(c.roots, root) {
		c.roots = append(c.roots, root)
	}
	return nil
}

// physical follows links as far as the path exists.
func physical(path string) string {
	switch target, err := filepath.EvalSymlinks(path); {
	case err == nil:
		return target
	case path == filepath.Dir(path):
		return path
	}
	return filepath.Join(physical(filepath.Dir(path)), filepath.Base(path))
}

// Below names a path of the file as one would write it from the working directory.
func (c *Config) Below(file string) string {
	if len(c.roots) == 0 {
		return path.Clean(file)
	}
	absolute := filepath.Join(c.roots[0], filepath.FromSlash(file))
	if name, err := filepath.Rel(c.from, absolute); err == nil {
		return filepath.ToSlash(name)
	}
	return filepath.ToSlash(absolute)
}

// inside is the path as the file would write it of a file that is named from the working directory, or absolutely; false
// when the file does not speak for it.
func (c *Config) inside(name string) (string, bool) {
	if len(c.roots) == 0 {
		return path.Clean(name), true
	}
	absolute := filepath.FromSlash(name)
	if !filepath.IsAbs(absolute) {
		absolute = filepath.Join(c.from, absolute)
	}
	for _, candidate := range []string{absolute, physical(absolute)} {
		for _, root := range c.roots {
			if relative, err := filepath.Rel(root, candidate); err == nil && filepath.IsLocal(relative) {
				return filepath.ToSlash(relative), true
			}
		}
	}
	return "", false
}

// RendersOf are those of one chart, by its folder as it is named from the working directory; nil when the file says
// nothing about it.
func (c *Config) RendersOf(chart string) []Render {
	within, ok := c.inside(chart)
	if !ok {
		return nil
	}
	var renders []Render
	for _, r := range c.Renders() {
		if strings.TrimSuffix(r.Chart, "/") == within {
			renders = append(renders, r)
		}
	}
	return renders
}
