package io.seine.sandbox.replay;

import io.seine.agent.verdict.Answer;
import io.seine.agent.verdict.Evaluator;
import io.seine.agent.verdict.Judgement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Answers from the documents of the API. */
public final class EvaluatorExecutor implements Executor {
  private AddressBook addresses = new AddressBook(Map.of(), Map.of());
  private boolean isolateNamespaces;

  @Override
  public void begin(Case next) {
    addresses = AddressBook.of(next);
    isolateNamespaces = next.isolateNamespaces();
  }

  @Override
  public boolean seesDryRuns() {
    return true;
  }

  @Override
  public Map<Probe, Finding> perform(Step step) {
    return judge(step, addresses, isolateNamespaces);
  }

  /** The answers where the actors have these addresses. */
  public static Map<Probe, Finding> judge(
      Step step, AddressBook addresses, boolean isolateNamespaces) {
    Evaluator evaluator =
        new Evaluator(new Model(addresses).world(step.scene(), isolateNamespaces));
    Route route = new Route(step.scene(), addresses);
    Map<Probe, Finding> findings = new HashMap<>();
    for (Probe probe : step.probes()) {
      List<Answer> answers = route.connections(probe).stream().map(evaluator::judge).toList();
      List<Outcome> each = answers.stream().map(EvaluatorExecutor::outcome).distinct().toList();
      if (each.size() > 1) {
        throw new CaseException(probe + ": its endpoints differ: " + each);
      }
      List<Ruling> rulings =
          answers.stream().flatMap(answer -> Rulings.of(evaluator, answer)).toList();
      findings.put(probe, Finding.of(each.getFirst(), rulings));
    }
    return findings;
  }

  @Override
  public void close() {
    // It holds nothing.
  }

  private static Outcome outcome(Answer answer) {
    if (!answer.allowed()) {
      return Outcome.DENIED;
    }
    return answer.judgements().anyMatch(Judgement::wouldBeDenied) ? Outcome.DRY : Outcome.ALLOWED;
  }
}
