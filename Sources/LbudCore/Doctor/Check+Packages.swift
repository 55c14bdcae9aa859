extension Check {
  /// Whether the next boot installs what is installed now.
  /// - Parameter coverage: nil where apk is not in use.
  package static func packages(_ coverage: CacheCoverage?) -> Check {
    guard let coverage else { return skipped(.packages, "there is no /\(World.path): no boot installs packages here") }
    if let warning = coverage.warning { return failed(.packages, warning.line, remedy: warning.remedy) }
    let (missing, total) = (coverage.missing.count, coverage.missing.count + coverage.covered.count)
    let all = "\(total == 1 ? "1 package" : "\(total) packages") of /\(World.path)"
    guard missing > 0 else { return ok(.packages, "the next boot installs the \(all)") }
    if coverage.isFetched { return ok(.packages, "a network brings at the boot \(missing) of the \(all)") }
    return warning(
      .packages, "\(missing) of the \(all) are not found, and not all places can be looked at", remedy: "lbuctl cache")
  }
}
