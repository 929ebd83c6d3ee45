package io.seine.cli.demo;

import java.io.PrintWriter;

/** Tells the demo to a person, and counts the statements that turned out wrong. */
final class Story {
  private final PrintWriter out;
  private int wrong;

  Story(PrintWriter out) {
    this.out = out;
  }

  void chapter(String title) {
    out.println();
    out.println("── " + title);
  }

  void say(String line) {
    out.println("   " + line);
  }

  /** Text of several lines, as it is. */
  void show(String text) {
    text.lines().forEach(line -> out.println("   │ " + line));
  }

  /** States a fact; it counts against the demo when it does not hold. */
  void check(boolean holds, String fact) {
    out.println("   " + (holds ? "✓ " : "✗ WRONG: ") + fact);
    if (!holds) {
      wrong++;
    }
  }

  int wrong() {
    return wrong;
  }
}
