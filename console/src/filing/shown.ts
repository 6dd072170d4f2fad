import { shallowRef } from 'vue'

/** Whether the dialog in which an issue is filed by hand is open, on whatever page. */
export const filingShown = shallowRef(false)
/** The key that opens it. */
export const FILING_KEY = 'f'
