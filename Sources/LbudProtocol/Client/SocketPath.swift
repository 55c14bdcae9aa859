/// Where lbud listens: `/run/lbud/lbud.sock` inside its root.
package func defaultSocketPath(root: String) -> String {
  var base = root
  while base.hasSuffix("/") { base.removeLast() }
  return base + "/run/lbud/lbud.sock"
}
