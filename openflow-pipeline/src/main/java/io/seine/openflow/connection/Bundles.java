package io.seine.openflow.connection;

import io.seine.openflow.Change;
import io.seine.openflow.RefusedException;
import io.seine.openflow.SwitchException;
import io.seine.openflow.wire.OpenFlowError;
import io.seine.openflow.wire.Standard;
import io.seine.openflow.wire.Standard.BundleStep;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Commits bundles, one at a time. Any thread may call; those that come together go in turn.
 *
 * <p>A bundle of which it is not known whether it was applied ends the link: a new connection finds
 * out.
 */
final class Bundles {
  private final Link link;
  private final Requests requests;
  private final Duration timeout;
  private final ReentrantLock commitLock = new ReentrantLock(true);
  private volatile @Nullable Bundle bundle;
  private int nextBundle = 1;

  Bundles(Link link, Requests requests, Duration timeout) {
    this.link = link;
    this.requests = requests;
    this.timeout = timeout;
  }

  /** Takes an error if it is about the bundle under way; whether it was. */
  boolean refused(int xid, OpenFlowError error) {
    Bundle current = bundle;
    if (current == null || !current.covers(xid)) {
      return false;
    }
    current.refused(xid, error);
    return true;
  }

  /** Applies all changes or none; see {@link io.seine.openflow.Switch#commit}. */
  void commit(List<Change> changes) throws SwitchException {
    if (changes.isEmpty()) {
      return;
    }
    List<Change> steps = Bundle.steps(changes);
    commitLock.lock();
    try {
      int id = nextBundle++;
      Bundle current = Bundle.of(id, link.reserve(steps.size()), steps, changes);
      bundle = current;
      try {
        commit(id, current);
      } finally {
        bundle = null;
      }
    } finally {
      commitLock.unlock();
    }
  }

  private void commit(int id, Bundle current) throws SwitchException {
    int openXid = link.reserve(1);
    int barrierXid = link.reserve(1);
    var opened = link.expect(openXid, "a bundle", message -> Optional.of(true));
    var added = link.expect(barrierXid, "the content of a bundle", message -> Optional.of(true));
    try {
      link.send(
          "a bundle",
          (out, batch) -> {
            Standard.bundleControl(out, openXid, id, BundleStep.OPEN);
            current.appendTo(out, batch);
            // Behind it, every error that a message of the bundle causes by itself has come.
            Standard.barrierRequest(out, barrierXid);
          });
      link.await(opened, timeout);
      link.await(added, timeout);
    } catch (SwitchException e) {
      link.close(e); // whether the bundle still stands open is not known
      throw e;
    } catch (RuntimeException e) {
      // A change that does not fit a message: parts of the bundle may be out already.
      link.close(new SwitchException(link.name() + ": a bundle could not be encoded: " + e, e));
      throw e;
    } finally {
      link.forget(openXid);
      link.forget(barrierXid);
    }
    Optional<RefusedException> refusal = current.refusal(link.name());
    if (refusal.isPresent()) {
      control(id, BundleStep.DISCARD);
      throw refusal.get();
    }
    try {
      control(id, BundleStep.COMMIT);
    } catch (RefusedException e) {
      throw current.refusal(link.name()).orElse(e);
    } catch (SwitchException e) {
      link.close(e); // whether it was applied is not known; a new connection finds out
      throw e;
    }
  }

  private void control(int id, BundleStep step) throws SwitchException {
    requests.ask(
        step == BundleStep.COMMIT ? "the commit of a bundle" : "to discard a bundle",
        timeout,
        (out, xid) -> Standard.bundleControl(out, xid, id, step),
        message -> Optional.of(true));
  }
}
