/// Files of published results.
extension BadInput {
  private static let header =
    "id,method,space,dataset,metric,value,spread,runs,protocol,source,status"

  /// Rows below the right header.
  private static func claims(_ rows: String, _ message: String) -> BadInput {
    BadInput(.claims, "\(header)\n\(rows)", message)
  }

  static let claimsFiles: [BadInput] = [
    BadInput(.claims, "id,value\n", ":1: the header must be “\(header)”"),
    BadInput(
      .claims, [0xFF],
      ": cannot be read (not UTF-8); give the path of a CSV file of published results"),
    BadInput(
      .claims, [UInt8](repeating: 0x2C, count: 1_048_580),
      ": 1048577 bytes, at most 1048576 are read; split it into several files"),
    claims("a,b\n", ":2: 2 fields, expected 11"),
    claims("\"a,b\n", ":2: a double quote is not closed"),
    claims(
      "a,,s,d,loss,1,,,p,q,quoted",
      ":2: metric “loss” is not one of: validation-accuracy, test-accuracy"),
    claims(
      "a,,s,d,test-accuracy,1,,,p,q,sure",
      ":2: status “sure” is not one of: verified, quoted, from memory"),
    claims(
      "a,,s,d,test-accuracy,101,,,p,q,quoted",
      ":2: value “101” is not a percentage from 0 to 100"),
    claims(
      "a,,s,d,test-accuracy,nan,,,p,q,quoted",
      ":2: value “nan” is not a percentage from 0 to 100"),
    claims(
      "a,,s,d,test-accuracy,1,x,,p,q,quoted",
      ":2: spread “x” is neither empty nor a number from 0 to 100"),
    claims(
      "a,,s,d,test-accuracy,1,,0,p,q,quoted",
      ":2: runs “0” is neither empty nor a count of at least 1"),
    claims("a,,,d,test-accuracy,1,,,p,q,quoted", ":2: space is empty"),
    claims(
      "a,,s,d,test-accuracy,1,,,p,q,quoted\na,,s,d,test-accuracy,1,,,p,q,quoted",
      ":3: id “a” stands in line 2 already; ids are unique"),
  ]
}
