import Foundation

/// What formats say where no report came about: the fault is ours, and no figure is judged.
///
/// An in-toto statement says what was tested, so there is none then.
extension VerificationReport {
  /// JUnit XML with one case, which is an error.
  public static func junit(fault: String) -> String {
    let message = escaped(fault)
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="searchlight">
        <testsuite name="verify" tests="1" failures="0" errors="1" skipped="0" time="0.000">
          <testcase classname="searchlight" name="verify" time="0.000">
            <error message="\(message)" type="fault">\(message)</error>
          </testcase>
        </testsuite>
      </testsuites>

      """
  }

  /// SARIF 2.1.0 without results, of a run that was not successful.
  public static func sarif(fault: String, version: String) throws -> Data {
    let invocation: [String: Any] = [
      "executionSuccessful": false, "exitCode": 70,
      "toolExecutionNotifications": [
        ["level": "error", "message": ["text": fault]] as [String: Any]
      ],
    ]
    return try sarif(
      driver: ["name": "searchlight", "version": version], invocation: invocation, results: [])
  }

  /// The endpoint file of a shields.io badge that says so.
  public static func badgeOfFault() throws -> Data {
    try encoded([
      "schemaVersion": 1, "label": "published figures", "message": "not checked",
      "color": "lightgrey", "isError": true,
    ])
  }
}
