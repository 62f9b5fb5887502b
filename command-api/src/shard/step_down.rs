//! The end of a term, and of trust.

use super::action::{Action, Standing};
use super::queue::{Loading, answer, moving};
use super::{Machine, Role};
use crate::error::CommandError;

impl Machine {
    /// Decides nothing more in this term. `fate` is what is known of the commits in flight.
    pub(super) fn step_down(&mut self, fate: &CommandError, actions: &mut Vec<Action>) {
        self.role = Role::Following;
        self.leave_callers(fate, actions);
        actions.push(Action::Announce(Standing::Following));
    }

    /// The log, or what is stored of it, cannot be right: nothing is decided any more, and nothing is guessed.
    pub(super) fn halt(&mut self, why: String, actions: &mut Vec<Action>) {
        if let Some(Loading::Decide(pending)) = self.loading.take() {
            answer(pending.ticket, Err(CommandError::Halted(why.clone())), actions);
        }
        self.role = Role::Halted(why.clone());
        self.leave_callers(&CommandError::OutcomeUnknown, actions);
        actions.push(Action::Announce(Standing::Halted(why)));
    }

    fn leave_callers(&mut self, fate: &CommandError, actions: &mut Vec<Action>) {
        for in_flight in self.in_flight.drain(..) {
            answer(in_flight.ticket, Err(fate.clone()), actions);
        }
        for pending in self.queue.drain(..) {
            answer(pending.ticket, Err(moving()), actions);
        }
        self.drop_answers_resting_on(0, actions);
        self.speculative.clear();
        self.known.give_all_up();
        self.read_back = None;
        self.due.clear();
    }
}
