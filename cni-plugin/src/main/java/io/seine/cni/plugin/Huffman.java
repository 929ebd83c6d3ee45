package io.seine.cni.plugin;

/**
 * The Huffman code of HPACK (RFC 7541, appendix B), decoding only. The code is canonical: the codes
 * of one length are consecutive in the order of their symbols, so the lengths alone define it.
 */
final class Huffman {
  private static final int SHORTEST = 5;
  private static final int LONGEST = 30;
  private static final int END_OF_STRING = 256;

  /** The length of each symbol's code, 'A' for five bits and so on, symbols 0 to 256. */
  private static final String LENGTHS =
      "ISXXXXXXXTZXXZXXXXXXXXZXXXXXXXXX"
          + "BFFHIBDGFFDGDBBBAAABBBBBBBCDKBHF"
          + "IBCCCCCCCCCCCCCCCCCCCCCCDCDIOIJB"
          + "KABABABBBACCBBBABCBAABCCCCCKGJIX"
          + "PRPPRRRSRSSSSSTSTTRSTSSSSQRSRSST"
          + "RQPRRSSQSRRTQRSSQQRQSRSSPRRRSRRS"
          + "VVPORSRUVVVWWVTUOQVWWVWTQQVVXWWW"
          + "PTPQRQQSRRUUTTVSVWVVWWWWWXWWWWWVZ";

  /** The number of codes of each length. */
  private static final int[] COUNT = new int[LONGEST + 1];

  /** The symbols in the order of their codes. */
  private static final int[] SYMBOLS = new int[LENGTHS.length()];

  static {
    for (int i = 0; i < LENGTHS.length(); i++) {
      COUNT[length(i)]++;
    }
    int next = 0;
    for (int length = SHORTEST; length <= LONGEST; length++) {
      for (int symbol = 0; symbol < LENGTHS.length(); symbol++) {
        if (length(symbol) == length) {
          SYMBOLS[next++] = symbol;
        }
      }
    }
  }

  private Huffman() {}

  private static int length(int symbol) {
    return LENGTHS.charAt(symbol) - 'A' + SHORTEST;
  }

  /**
   * Decodes a string literal, each octet as one char.
   *
   * @throws CallException when the end-of-string symbol appears, or the padding is longer than
   *     seven bits or not all ones
   */
  static String decode(byte[] bytes, int offset, int length) throws CallException {
    StringBuilder text = new StringBuilder(length * 2);
    int code = 0;
    int bits = 0;
    // Of the codes with `bits` bits: the first one's value, and where its symbol stands in SYMBOLS.
    int first = 0;
    int index = 0;
    boolean allOnes = true;
    for (int i = 0; i < length * 8; i++) {
      int bit = (bytes[offset + (i >> 3)] >> (7 - (i & 7))) & 1;
      allOnes &= bit == 1;
      code = (code << 1) | bit;
      first <<= 1;
      bits++;
      int within = code - first;
      if (within < COUNT[bits]) {
        int symbol = SYMBOLS[index + within];
        if (symbol == END_OF_STRING) {
          throw CallException.protocol("end-of-string symbol in a header");
        }
        text.append((char) symbol);
        code = 0;
        bits = 0;
        first = 0;
        index = 0;
        allOnes = true;
      } else {
        index += COUNT[bits];
        first += COUNT[bits];
      }
    }
    if (bits > 7 || !allOnes) {
      throw CallException.protocol("bad padding of a Huffman-coded header");
    }
    return text.toString();
  }
}
