package object

import (
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

func (d *Document) locateYAML(steps []string) Place {
	root := d.yamlRoot()
	if root == nil {
		return d.place(d.Line, 1, 1)
	}
	node, key, missing := walkYAML(root, steps)
	at := node
	if key != nil {
		at = key
	}
	p := d.place(d.Line+at.Line-1, at.Column, yamlWidth(key, node))
	p.Missing = missing
	return p
}

// walkYAML follows steps as far as they go and returns the node reached, the key it stands under (nil in a
// list and at the root), and whether a step was missing.
func walkYAML(node *yaml.Node, steps []string) (reached, key *yaml.Node, missing bool) {
	for _, step := range steps {
		k, next := childYAML(resolveYAML(node), step)
		if next == nil {
			return node, key, true
		}
		node, key = next, k
	}
	return node, key, false
}

func resolveYAML(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode && node.Alias != nil {
		return node.Alias
	}
	return node
}

func childYAML(node *yaml.Node, step string) (key, value *yaml.Node) {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == step && node.Content[i].Tag != "!!merge" {
				return node.Content[i], node.Content[i+1]
			}
		}
		return mergedYAML(node, step)
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(node.Content) {
			return nil, node.Content[i]
		}
	case yaml.DocumentNode, yaml.ScalarNode, yaml.AliasNode:
	}
	return nil, nil
}

// mergedYAML looks behind "<<": one level is enough for a place.
func mergedYAML(node *yaml.Node, step string) (key, value *yaml.Node) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Tag != "!!merge" {
			continue
		}
		from := resolveYAML(node.Content[i+1])
		for j := 0; from.Kind == yaml.MappingNode && j+1 < len(from.Content); j += 2 {
			if from.Content[j].Value == step {
				return from.Content[j], from.Content[j+1]
			}
		}
	}
	return nil, nil
}

// yamlWidth spans key and value when both stand on one line, else the key or the scalar alone.
func yamlWidth(key, value *yaml.Node) int {
	scalar := value.Kind == yaml.ScalarNode && value.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0
	length := 1
	if scalar {
		length = utf8.RuneCountInString(value.Value)
		if value.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
			length += 2
		}
	}
	switch {
	case key == nil:
		return length
	case scalar && key.Line == value.Line:
		return value.Column - key.Column + length
	default:
		return utf8.RuneCountInString(key.Value)
	}
}
