export const letters = {
  kind: { assignment: 'Letter of assignment', reminder: 'Letter of reminder', supervision: 'Letter of supervision', order: 'Supervision order' },
  state: { sent: 'Sent', received: 'Signed for', answered: 'Answered', recalled: 'Recalled' },
  language: { zh: 'Chinese', en: 'English' },
}
