import Randomness
import Testing

/// Expected values: Python's math module, printed by
/// `python3 Tests/Reference/randomness-values.py`.
@Suite struct PortableMathTests {
  @Test(arguments: [
    (0x0.0000000000001p-1022, -744.4400719213812), (0x0.02e055c9a3f6cp-1022, -712.88508809628),
    (1e-300, -690.7755278982137),
    (0.1, -2.3025850929940455), (0.5, -0.6931471805599453),
    (0.7071067811865475, -0.34657359027997275), (0.9999999, -1.0000000494736474e-07), (1.0, 0.0),
    (1.0000001, 9.999999505838704e-08), (1.5, 0.4054651081081644), (2.718281828459045, 1.0),
    (10.0, 2.302585092994046), (12345.678, 9.421061321291832),
    (1.7976931348623157e+308, 709.782712893384),
  ])
  func logarithmEqualsPythons(_ x: Double, _ expected: Double) {
    #expect(abs(PortableMath.log(x) - expected) <= 2 * expected.ulp)
  }

  @Test(arguments: [
    (-745.1, 0x0.0000000000001p-1022), (-720.5, 0x0.00005cf08fff0p-1022),
    (-708.25, 2.5759248692837695e-308),
    (-100.25, 2.897198083210148e-44), (-1.0, 0.36787944117144233), (-1e-10, 0.9999999999),
    (0.0, 1.0), (1e-17, 1.0), (0.34657359, 1.4142135619771539), (0.5, 1.6487212707001282),
    (1.0, 2.718281828459045), (20.75, 1027094726.7424176), (100.0, 2.6881171418161356e+43),
    (709.78, 1.7928227943945155e+308),
  ])
  func exponentialEqualsPythons(_ x: Double, _ expected: Double) {
    #expect(abs(PortableMath.exp(x) - expected) <= 2 * expected.ulp)
  }

  @Test func exponentialLeavesItsRangeQuietly() {
    #expect(PortableMath.exp(710) == .infinity)
    #expect(PortableMath.exp(.infinity) == .infinity)
    #expect(PortableMath.exp(-746) == 0)
    #expect(PortableMath.exp(-.infinity) == 0)
    #expect(PortableMath.exp(.nan).isNaN)
  }

  @Test(arguments: [
    (0.0, 1.0), (1e-09, 1.0), (0.5, 0.8775825618903728), (1.0, 0.5403023058681398),
    (1.5707963267948966, 6.123233995736766e-17), (2.0, -0.4161468365471424),
    (3.0, -0.9899924966004454), (3.141592653589793, -1.0), (-3.5, -0.9364566872907963),
    (4.71238898, -3.846897971943775e-10), (6.283185307179586, 1.0), (100.0, 0.8623188722876839),
    (-9999.5, -0.9821142903923622), (99999.25, -0.706853412469324),
  ])
  func cosineEqualsPythons(_ x: Double, _ expected: Double) {
    // What the declaration promises.
    #expect(abs(PortableMath.cos(x) - expected) <= 1e-14)
  }
}
