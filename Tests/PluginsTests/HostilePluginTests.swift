import Foundation
import Plugins
import SearchCore
import Testing

/// A program that does not do as the protocol says ends its run with one line that says what it did.
@Suite struct HostilePluginTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let script: String
    /// What the line must say.
    let said: String
    var deadlineSeconds = 10.0
    var testDescription: String { said }

    init(_ script: String, _ said: String, deadlineSeconds: Double = 10) {
      (self.script, self.said, self.deadlineSeconds) = (script, said, deadlineSeconds)
    }
  }

  private static func introduced(_ result: String) -> String {
    ShellPlugin.answer(#"{"jsonrpc":"2.0","id":0,"result":\#(result)}"#)
  }

  /// Programs that cannot even begin.
  static let beginnings = [
    Case("exit 3", "initialize: ended with code 3 without an answer"),
    Case("kill -9 $$", "initialize: was killed by signal 9"),
    Case("echo no such module >&2; exit 1", "it last said: no such module"),
    Case("exec <&- >&-; sleep 30", "closed its output without an answer"),
    Case("sleep 30", "no answer within 1 s", deadlineSeconds: 1),
    Case("read x; while :; do echo noise >&2; done", "no answer within 1 s", deadlineSeconds: 1),
    Case("echo Loading model...", "found 'Loading model...' on its standard output"),
    Case("echo", "found '' on its standard output"),
    Case("yes", "found 'y' on its standard output"),
    Case("tr '\\0' x < /dev/zero", "answered with a line of more than 1048576 bytes"),
    Case("printf '{\"jsonrpc\"'", "ended with code 0 without an answer"),
    Case("echo '[1, 2'", "expected a JSON-RPC answer"),
    Case("echo null", "expected a JSON-RPC answer"),
    Case("printf '\\377\\376\\n'", "expected a JSON-RPC answer"),
    Case("head -c 100000 /dev/zero | tr '\\0' '['; echo", "expected a JSON-RPC answer"),
    Case(ShellPlugin.answer(#"{"jsonrpc":"2.0","id":0}"#), "expected the answer to request 0"),
    Case(
      ShellPlugin.answer(
        #"{"id":7,"result":{"protocol":"1.0","plugin":{"name":"a","version":"1"}}}"#),
      "expected the answer to request 0"),
    Case(
      ShellPlugin.answer(#"{"id":0,"error":{"code":-32002,"message":"only spaces of depth 3"}}"#),
      "initialize: error -32002: only spaces of depth 3"),
    Case(
      introduced(#"{"protocol":"2.0","plugin":{"name":"a","version":"1"}}"#),
      "speaks protocol 2.0; expected 1.0"),
    Case(introduced(#"{"protocol":"1.0"}"#), "expected a JSON-RPC answer"),
    Case(
      introduced(#"{"protocol":"1.0","plugin":{"name":"a","version":"1"},"max_in_flight":0}"#),
      "found max_in_flight 0"),
    Case(
      introduced(#"{"protocol":"1.0","plugin":{"name":"a","version":"1"},"max_in_flight":1e9}"#),
      "found max_in_flight 1000000000"),
  ]

  @Test(arguments: beginnings)
  func aProgramThatCannotBeginSaysWhy(_ found: Case) throws {
    do {
      _ = try ShellPlugin.begin(found.script, deadlineSeconds: found.deadlineSeconds)
      Issue.record("expected a refusal")
    } catch let error as PluginError {
      #expect(error.description.contains(found.said), "\(error)")
      #expect(!error.description.contains("\n"), "\(error)")
    }
  }

  /// Answers to the first request for a proposal.
  static let proposals = [
    Case(ShellPlugin.proposing("{}"), "found neither 'choices' nor 'done'"),
    Case(
      ShellPlugin.proposing(#"{"choices":[0,1,2,3,4]}"#), "trial 0: found 5 choices; expected 6"),
    Case(ShellPlugin.proposing(#"{"choices":[0,1,2,3,4,5]}"#), "found choice 5 for"),
    Case(ShellPlugin.proposing(#"{"choices":[-1,1,2,3,4,0]}"#), "expected 0 to 4"),
    Case(ShellPlugin.proposing(#"{"choices":[0.5,1,2,3,4,0]}"#), "expected a JSON-RPC answer"),
    Case(ShellPlugin.proposing(#"{"choices":[99999999999999999999]}"#), "a JSON-RPC answer"),
    Case(ShellPlugin.proposing(#"{"choices":"none"}"#), "expected a JSON-RPC answer"),
    Case(
      ShellPlugin.proposing(#"{"choices":[0,1,2,3,4,0],"epochs":0}"#), "found 0 epochs; expected 1"),
    Case(ShellPlugin.answer(ShellPlugin.introduction) + "exit 1", "ask: ended with code 1"),
    Case(
      ShellPlugin.answer(ShellPlugin.introduction) + "kill -11 $$", "ask: was killed by signal 11"),
  ]

  @Test(arguments: proposals)
  func anAnswerThatIsNoArchitectureIsRefused(_ found: Case) throws {
    let searcher = try ShellPlugin.begin(found.script)
    do {
      _ = try searcher.propose()
      Issue.record("expected a refusal")
    } catch let error as PluginError {
      #expect(error.description.contains(found.said), "\(error)")
    }
  }

  @Test func aProgramThatIsNotThereIsNamed() {
    #expect {
      _ = try ShellPlugin.begin(PluginCommand(arguments: ["no-such-program-here", "x"]))
    } throws: {
      "\($0)".contains("there is no program 'no-such-program-here' here; install it")
    }
  }

  @Test func aLawfulProposalComesThrough() throws {
    let searcher = try ShellPlugin.begin(
      ShellPlugin.proposing(
        #"{"choices":[0,1,2,3,4,0],"epochs":3,"note":"later versions say more"}"#))
    let proposal = try #require(try searcher.propose())
    #expect(proposal.architecture.choices == [0, 1, 2, 3, 4, 0])
    #expect(proposal.epochs == 3)
    #expect(searcher.title == "shell 1")
  }

  @Test func aMethodMayHaveNothingMoreToPropose() throws {
    let searcher = try ShellPlugin.begin(ShellPlugin.proposing(#"{"done":"all seen"}"#))
    #expect(try searcher.propose() == nil)
  }
}
