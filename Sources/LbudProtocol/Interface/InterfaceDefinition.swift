/// The text of `io.lbud.varlink`, as clients are shown it.
package let lbudInterfaceDefinition = String(decoding: PackageResources.io_lbud_varlink, as: UTF8.self)

package let lbudVersion = "0.1.0"
