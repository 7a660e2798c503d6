// Ordinary words that often open a sentence: a capital letter there makes no name of them.
import { fold, isKnownWord, isStop, singular } from './words.ts';

const ORDINARY = new Set(
  `access account act action active activity actual ad address adoption advertising agent agreement alert amount analysis analyst announcement annual answer app applicant application
   approval approved area arrival article asset assistant attendance attempt audience audit author availability average backup balance band bank bar base basic batch battery bed bid bidder big bike bill
   billing block board boat book booking border bottom bounce box branch brand break breakdown budget bug build building bundle bus business buyer bytes cabin cable calendar call campaign capacity
   car card care cargo carrier case cash catalogue category cause cell center central centre certificate chain chair change channel charge chart check chief child choice churn city claim class clause
   clean clear click client clinic close closed cloud club coach code coffee collection colour column combined comment commit committee common community company compared comparison competition competitor
   complaint complete condition conference confirmed connection consumer contact container content contract contribution control conversation conversion copy core corner correct cost council count country
   couple course court cover coverage credit crew critical crop currency current customer cut cycle daily damage data dataset date day deadline deal death debt decision default defect delay delivered
   delivery demand department deploy deployment deposit depth design desk detail development device diet difference direct director discount discussion disk display distance distribution district doctor document
   dollar domain door double download draft drive driver drop due duration early earning east easy economy edge edition editor effective effort either electricity eligible email employee employer empty end
   energy engine engineer engineering enterprise entry equipment error escalation estimate estimated euro event everybody everyone everything evidence example exchange exit expense experiment expert export
   extension extra face facility factory fair fall family farm farmer fast fault feature fee feedback field figure file final finance financial finding fire firm first fiscal flat fleet flight floor flow
   flower follow food footfall force forecast foreign form former forum forward frame free freight fresh front fuel full fund funding furniture future game gap garden gas gate general given global goal good
   goods government grade grant graph green gross ground group growth guest guide half hall hand harvest head headcount health heat heating heavy height help here high hire hiring history holiday home
   hospital host hosting hotel hour house household housing human ice idle image impact import imported improvement inbound incident income index individual industry inflation info initial input inside
   inspection installation insurance interest internal international internet interview inventory investment investor invoice issue item its job journey judge jury key keyword kit kitchen labour land landing
   language large last late latency latest launch law lawyer lead leader leading league learning lease least leave legal less lesson letter level liability library licence license life light like limit line
   link list listing literature little live load loan local location log long lot low lower lunch machine mail mailer main maintenance major make maker manager manufacturer many map margin mark market
   marketing match material matter maximum meal mean measure mechanic median medium meeting member membership memory menu merchant message meter method metric middle migration milk minimum minor minute
   mission mixed mobile mode model moderate monday money month monthly more morning mortgage most motor move movement music name national nearest nearly negative net network new news newsletter next night noise
   north note notice number nurse object occupancy offer office officer official oil old online only open opening operating operation opinion option order organic organisation original other our outage
   outdoor output outside outstanding over overall overnight owner pace pack package page paid pair panel paper parcel parent park parking part participant partner party passenger password past patch patient
   payment payout payroll peak people per percent performance period permission person phase phone photo piece pilot pipeline place plan planned plant plastic platform play player point police policy poll pool
   poor popular population port portfolio portion position positive post postage power premium present press pressure previous price pricing primary print printer prior priority private prize problem
   process processing producer product production profit program programme progress project proof property proposal prospect provider provision public publication publisher purchase quality quantity quarter
   quarterly query question queue quick quote race rail rain rainfall range rank rate rating ratio raw reach reader reading real rear reason receipt recent recipe record recovery recruitment red referral
   refund region regional register regular regulation release reliability remaining reminder remote renewal rent rental repair repeat reply report repository request research reservation reserve resident
   resolution resource response rest restaurant result retail retention return revenue review reviewer rider right ring rise risk river road role room root round route row run running safety salary sale sales
   same sample satellite saving scale schedule scheme school science score screen sea search season seat second secondary section sector security segment seller senior sensor separate serious server service
   session set settlement several shape share shelf shift ship shipment shipping shop short show shuttle sick side sign signature signup simple single site situation six size skill sleep slot small snow
   social software soil solar sold some south space spare special speed spend spending split sport spot spread spring square staff stage stake stand standard star start startup state station status steel
   step still stock stop storage store storm strategy stream street strength strike strong student studio study style subject subscriber subscription subtotal success summer sun supplier supply support surplus survey switch
   system table target task tax teacher team technical technology temperature tender term test testing text theme then third thread ticket tier time timeline title today together tomorrow tonight tool
   top topic total tour tourism tourist town track trade traffic train training transaction transfer transit transport travel treatment tree trend trial trip truck turnout turnover type typical under unemployment
   unfortunately union unit university update upgrade upload upper uptime urban usage use user usual utilisation utilization vacancy value van variant various vehicle vendor venue version vessel video view viewer
   village visit visitor visits voice volume volunteer vote voter wage waiting wall warehouse warning waste water wave weather web website week weekday weekend weekly weight well west wheel white whole wide
   wifi wildlife wind window wine winner winter wireless wood word work worker workforce working workshop world worst writer year yearly yes yesterday yield young zone`.split(
    /\s+/,
  ),
);
const ENDING = /(?:ing|ly|tion|tions|ment|ments|ness|ity|ance|ence|able|ible|ous|ive|ful|less|ship|ism|ists?|ors?)$/;

/** A word that names no one thing, as far as can be told without a dictionary. */
export function isOrdinary(word: string): boolean {
  const plain = fold(word);
  return (
    isStop(plain) ||
    ORDINARY.has(plain) ||
    ORDINARY.has(singular(plain)) ||
    isKnownWord(singular(plain)) ||
    (plain.length > 5 && ENDING.test(plain)) ||
    (plain.length > 5 && /ed$/.test(plain))
  );
}
