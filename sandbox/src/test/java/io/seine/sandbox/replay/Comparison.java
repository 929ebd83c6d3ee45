package io.seine.sandbox.replay;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Plays made-up cases by an executor, and compares with what the API's documents say. */
final class Comparison {
  private final Executor executor;
  private long probes;

  Comparison(Executor executor) {
    this.executor = executor;
  }

  /** How many cells were compared. */
  long probes() {
    return probes;
  }

  /** Plays the cases of these seeds up to the first that fails; that one, made small. */
  Optional<Case> firstFailure(long from, int count) throws Exception {
    for (long seed = from; seed < from + count; seed++) {
      Case made = Edits.expecting(new CaseGenerator(seed).make());
      probes += made.steps().stream().mapToLong(step -> step.probes().size()).sum();
      if (why(made).isPresent()) {
        Case small = new Shrinker(this::fails).shrink(made);
        return Optional.of(Edits.expecting(small));
      }
    }
    return Optional.empty();
  }

  /** What is wrong with the case, if anything. */
  Optional<String> why(Case played) throws InterruptedException {
    try {
      var mismatches = Replay.play(played, executor);
      return mismatches.isEmpty() ? Optional.empty() : Optional.of(mismatches.toString());
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      return Optional.of(e.toString());
    }
  }

  private boolean fails(Case candidate) {
    try {
      return why(Edits.expecting(candidate)).isPresent();
    } catch (CaseException e) {
      // It makes no sense any more.
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (Exception e) {
      throw new IllegalStateException("the evaluator cannot judge a case", e);
    }
  }

  /** Writes the case into the build's directory, so that it can be kept and played again. */
  static Path write(Case failing) {
    Path file = Path.of("target", "policy-cases", CaseText.fileName(failing));
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, CaseText.write(failing));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }
}
