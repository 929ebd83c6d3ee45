package io.seine.cli;

/** The forms a command can answer in. */
public enum Output {
  TABLE,
  JSON
}
