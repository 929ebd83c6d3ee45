package io.seine.cni.plugin;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Checks that a text is one JSON object (RFC 8259) and picks out the strings and numbers at its top
 * level. All else is the agent's to understand.
 */
final class JsonScan {
  /**
   * Deeper nesting is refused: each level costs a frame of the native stack, which nothing guards.
   */
  private static final int MAX_DEPTH = 100;

  /**
   * A value at the top level.
   *
   * @param string whether it is a string, as against a number
   * @param text the string's content, or the number as written
   */
  record Scalar(boolean string, String text) {}

  private final String text;
  private final Set<String> wanted;
  private final Map<String, Scalar> found = new HashMap<>();
  private int position;

  private JsonScan(String text, Set<String> wanted) {
    this.text = text;
    this.wanted = wanted;
  }

  /**
   * Reads the top level.
   *
   * @param wanted the keys to keep; of a text that consists of keys, keeping all would take more
   *     memory than there is
   * @return strings and numbers by key; of a key that stands twice the last one
   * @throws CniException code 6, when the text is not a JSON object
   */
  static Map<String, Scalar> topLevel(String text, Set<String> wanted) throws CniException {
    JsonScan scan = new JsonScan(text, wanted);
    scan.space();
    if (scan.peek() != '{') {
      throw scan.invalid("an object");
    }
    scan.object(1);
    scan.space();
    if (scan.position != text.length()) {
      throw scan.invalid("the end");
    }
    return scan.found;
  }

  private void object(int depth) throws CniException {
    position++;
    space();
    if (peek() == '}') {
      position++;
      return;
    }
    while (true) {
      space();
      String key = string();
      space();
      expect(':');
      space();
      char first = peek();
      if (depth > 1 || !wanted.contains(key)) {
        value(depth);
      } else if (first == '"') {
        found.put(key, new Scalar(true, string()));
      } else if (first == '-' || isDigit(first)) {
        found.put(key, new Scalar(false, number()));
      } else {
        found.remove(key);
        value(depth);
      }
      space();
      if (peek() == '}') {
        position++;
        return;
      }
      expect(',');
    }
  }

  private void array(int depth) throws CniException {
    position++;
    space();
    if (peek() == ']') {
      position++;
      return;
    }
    while (true) {
      space();
      value(depth);
      space();
      if (peek() == ']') {
        position++;
        return;
      }
      expect(',');
    }
  }

  private void value(int depth) throws CniException {
    if (depth >= MAX_DEPTH) {
      throw invalid("fewer than " + MAX_DEPTH + " levels");
    }
    switch (peek()) {
      case '{' -> object(depth + 1);
      case '[' -> array(depth + 1);
      case '"' -> string();
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> number();
    }
  }

  private String string() throws CniException {
    expect('"');
    StringBuilder content = new StringBuilder();
    while (true) {
      char c = peek();
      position++;
      if (c == '"') {
        return content.toString();
      } else if (c == '\\') {
        content.append(escape());
      } else if (c < ' ') {
        position--;
        throw invalid("the end of a string");
      } else {
        content.append(c);
      }
    }
  }

  private char escape() throws CniException {
    char c = peek();
    if ("\"\\/bfnrtu".indexOf(c) < 0) {
      throw invalid("an escape sequence");
    }
    position++;
    return switch (c) {
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> codeUnit();
      default -> c;
    };
  }

  private char codeUnit() throws CniException {
    int code = 0;
    for (int i = 0; i < 4; i++) {
      char c = peek();
      int digit = "0123456789abcdef".indexOf(c >= 'A' ? c | 0x20 : c);
      if (digit < 0) {
        throw invalid("four hexadecimal digits");
      }
      code = (code << 4) | digit;
      position++;
    }
    return (char) code;
  }

  private String number() throws CniException {
    int start = position;
    if (peek() == '-') {
      position++;
    }
    if (peek() == '0') {
      position++;
    } else {
      digits();
    }
    if (peek() == '.') {
      position++;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      position++;
      if (peek() == '+' || peek() == '-') {
        position++;
      }
      digits();
    }
    return text.substring(start, position);
  }

  private void digits() throws CniException {
    if (!isDigit(peek())) {
      throw invalid("a value");
    }
    while (isDigit(peek())) {
      position++;
    }
  }

  private void word(String word) throws CniException {
    if (!text.startsWith(word, position)) {
      throw invalid("a value");
    }
    position += word.length();
  }

  private void space() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') {
      position++;
    }
  }

  private void expect(char wanted) throws CniException {
    if (peek() != wanted) {
      throw invalid("'" + wanted + "'");
    }
    position++;
  }

  /** The character at the position; NUL, which JSON never admits outside strings, at the end. */
  private char peek() {
    return position < text.length() ? text.charAt(position) : 0;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private CniException invalid(String wanted) {
    String found = position < text.length() ? "at character " + (position + 1) : "before the end";
    return new CniException(
        CniError.DECODE_FAILURE,
        "the network configuration on standard input is not valid JSON: "
            + wanted
            + " expected "
            + found,
        "check the files in the runtime's CNI configuration directory, usually /etc/cni/net.d");
  }
}
