package io.seine.agent.host;

import java.io.IOException;
import java.io.Reader;
import java.util.function.Consumer;

/**
 * Reads a reply whose result may be very long: line by line, without holding it. A JSON object
 * whose members are strings, numbers and nulls (RFC 8259).
 */
final class UnixctlReply {
  private final Reader in;
  private final Consumer<String> line;
  private String error = "";

  private UnixctlReply(Reader in, Consumer<String> line) {
    this.in = in;
    this.line = line;
  }

  /**
   * Hands each line of the result to {@code line}.
   *
   * @return what the daemon said against the command; empty if nothing
   * @throws IOException if the reply ends early or is no reply
   */
  static String read(Reader in, Consumer<String> line) throws IOException {
    UnixctlReply reply = new UnixctlReply(in, line);
    reply.object();
    return reply.error;
  }

  private void object() throws IOException {
    require('{', token());
    char next = token();
    while (next == '"') {
      String key = text();
      require(':', token());
      next = member(key);
      if (next == ',') {
        next = token();
      }
    }
    require('}', next);
  }

  // Returns what stands behind the value.
  private char member(String key) throws IOException {
    char first = token();
    if (first != '"') {
      return scalar();
    }
    switch (key) {
      case "result" -> lines();
      case "error" -> error = text();
      default -> {
        String _ = text();
      }
    }
    return token();
  }

  private char scalar() throws IOException {
    char c = character();
    while (c != ',' && c != '}' && c > ' ') {
      c = character();
    }
    return c > ' ' ? c : token();
  }

  private void lines() throws IOException {
    StringBuilder text = new StringBuilder();
    int c = next();
    while (c >= 0) {
      if (c == '\n') {
        line.accept(text.toString());
        text.setLength(0);
      } else {
        text.append((char) c);
      }
      c = next();
    }
    if (!text.isEmpty()) {
      line.accept(text.toString());
    }
  }

  private String text() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int c = next(); c >= 0; c = next()) {
      text.append((char) c);
    }
    return text.toString();
  }

  /** The next character of a string; -1 at its end. */
  private int next() throws IOException {
    char c = character();
    if (c == '"') {
      return -1;
    }
    if (c != '\\') {
      return c;
    }
    char escaped = character();
    return switch (escaped) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'u' -> {
        char[] digits = {character(), character(), character(), character()};
        try {
          yield Integer.parseInt(new String(digits), 16);
        } catch (NumberFormatException e) {
          throw new IOException("no character in JSON: \\u" + new String(digits), e);
        }
      }
      default -> escaped;
    };
  }

  private char token() throws IOException {
    char c = character();
    while (c <= ' ') {
      c = character();
    }
    return c;
  }

  private char character() throws IOException {
    int c = in.read();
    if (c < 0) {
      throw new IOException("the reply ends early");
    }
    return (char) c;
  }

  private static void require(char expected, char actual) throws IOException {
    if (expected != actual) {
      throw new IOException("'%c' in a reply where '%c' was expected".formatted(actual, expected));
    }
  }
}
