"""Random keys as Sources/Randomness has them, for the scripts beside this one."""

MASK = 0xFFFFFFFF


def philox(counter, key):
    """Philox4x32-10 as Salmon et al. 2011 define it, doi:10.1145/2063384.2063405."""
    c, k = list(counter), list(key)
    for _ in range(10):
        low, high = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [high >> 32 ^ c[1] ^ k[0], high & MASK, low >> 32 ^ c[3] ^ k[1], low & MASK]
        k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
    return c


# Random123's kat_vectors hold this implementation to the published one.
assert philox([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0]) == [
    0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]


def child(bits, purpose, index=0):
    fnv = 0xCBF29CE484222325
    for byte in purpose.encode():
        fnv = (fnv ^ byte) * 0x100000001B3 & (1 << 64) - 1
    index &= (1 << 64) - 1
    words = philox([fnv & MASK, fnv >> 32, index & MASK, index >> 32], [bits & MASK, bits >> 32])
    return words[0] | words[1] << 32
