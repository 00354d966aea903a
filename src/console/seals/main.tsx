import { start } from '../parts/start.js';
import { SealsPage } from './seals-page.js';

start(<SealsPage />);
